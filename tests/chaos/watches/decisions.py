"""What was decided, against what had to be: one partition at a time. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from conscope_app.alerting.watches.decisions import Decision
from tests.chaos.watches.findings import Findings

_Key = tuple[str, str, int, datetime]


def compare_decisions(due: Sequence[Decision], found: Sequence[Decision]) -> Findings:
    """Every decision that is due stands there once, as it is and in its order, and no other."""
    findings = Findings()
    expected = {_key(each): each for each in due}
    assert len(expected) == len(due), "decisions are told apart by their keys"
    times = Counter(_key(each) for each in found)
    for key, decision in expected.items():
        if key not in times:
            findings.miss(_said(decision))
    for key, count in times.items():
        if count > 1:
            findings.double(" ".join(map(str, key)), times=count)
    for decision in {_key(each): each for each in found}.values():
        if decision != expected.get(_key(decision)):
            findings.object_to(_said(decision))
    in_order = [key for key in expected if key in times]
    if [key for key in times if key in expected] != in_order:
        findings.object_to(f"the order of {len(in_order)} decisions")
    return findings


def _key(decision: Decision) -> _Key:
    return decision.episode, decision.verdict, decision.place, decision.at


def _said(decision: Decision) -> str:
    return f"{decision.watch_id} {decision.verdict} {decision.episode} at {decision.place}"
