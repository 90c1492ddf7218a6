"""The rows of episodes and of channels' queues, against the decisions. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.entries import Entry
from conscope_app.alerting.watches.verdicts import Verdict
from tests.chaos.watches.findings import Findings

EPISODES = """
    SELECT episode, watch_id, watch_version, subject, items, labels, currency, basis,
        raised_at, raised_price, raised_reason, price, reason, decided_at, over_at
    FROM watch_episodes
"""
ENTRIES = """
    SELECT channel, episode, entry, waiting, finished_at IS NOT NULL, given_up OR refused
    FROM watch_entries
"""

_decode = msgspec.msgpack.Decoder(tuple[int, Entry]).decode


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `watch_episodes`; the fields are its columns, in the order of `EPISODES`."""

    episode: str
    watch_id: str
    watch_version: int
    subject: str
    items: list[str]
    labels: dict[str, str]
    currency: str
    basis: str
    raised_at: datetime
    raised_price: Decimal | None
    raised_reason: str
    price: Decimal | None
    reason: str
    decided_at: datetime
    over_at: datetime | None = None


class Queued(msgspec.Struct, frozen=True):
    """A row of `watch_entries`: an episode at a channel. Without an entry it is finished."""

    channel: str
    episode: str
    entry: Entry | None
    waiting: bool
    finished: bool
    refused: bool

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> "Queued":
        """As it is read."""
        channel, episode, entry, *flags = row
        return cls(channel, episode, None if entry is None else _decode(bytes(entry))[1], *flags)


def episode_of(row: tuple[Any, ...]) -> Episode:
    """As it is read."""
    return Episode(**dict(zip(Episode.__struct_fields__, row, strict=True)))


def episodes_of(decisions: Iterable[Decision]) -> dict[str, Episode]:
    """What the decisions come to, by episode; each episode's are in their order."""
    found: dict[str, Episode] = {}
    for each in decisions:
        known = found.get(each.episode)
        if known is None:
            assert each.verdict is Verdict.RAISED, "an episode begins with being raised"
            found[each.episode] = _raised(each)
            continue
        is_over = each.verdict is Verdict.OVER
        found[each.episode] = msgspec.structs.replace(
            known,
            items=list(each.items) or known.items,
            price=known.price if is_over else each.price,
            reason=each.reason,
            decided_at=each.at,
            over_at=each.at if is_over else None,
        )
    return found


def compare_episodes(due: Mapping[str, Episode], found: Sequence[Episode]) -> Findings:
    """Each episode has its row, which says what its decisions said."""
    findings = Findings()
    rows = {each.episode: each for each in found}
    for episode, expected in due.items():
        row = rows.pop(episode, None)
        if row is None:
            findings.miss(f"the row of episode {episode}")
        elif row != expected:
            findings.object_to(f"the row of episode {episode}: {_difference(expected, row)}")
    for episode in rows:
        findings.object_to(f"the row of episode {episode}, which nobody decided")
    return findings


def compare_entries(
    due: Mapping[str, Episode], channels_of: Mapping[str, Sequence[str]], found: Sequence[Queued]
) -> Findings:
    """Each episode is queued for each channel of its watch, and all of it has been said there."""
    findings = Findings()
    rows = {(each.channel, each.episode): each for each in found}
    for episode, expected in due.items():
        for channel in channels_of[expected.watch_id]:
            row = rows.pop((channel, episode), None)
            if row is None:
                findings.miss(f"episode {episode} in the queue of {channel}")
            elif (why := _objection(expected, row)) is not None:
                findings.object_to(f"episode {episode} in the queue of {channel}: {why}")
    for channel, episode in rows:
        findings.object_to(f"episode {episode} in the queue of {channel}, which nobody asked for")
    return findings


def _raised(each: Decision) -> Episode:
    return Episode(
        episode=each.episode,
        watch_id=each.watch_id,
        watch_version=each.watch_version,
        subject=each.subject,
        items=list(each.items),
        labels=dict(each.labels),
        currency=each.currency,
        basis=each.basis,
        raised_at=each.at,
        raised_price=each.price,
        raised_reason=each.reason,
        price=each.price,
        reason=each.reason,
        decided_at=each.at,
    )


def _difference(expected: Episode, row: Episode) -> str:
    differing = [
        f"{name} is {getattr(row, name)!r}, not {getattr(expected, name)!r}"
        for name in Episode.__struct_fields__
        if getattr(row, name) != getattr(expected, name)
    ]
    return ", ".join(differing)


def _objection(expected: Episode, row: Queued) -> str | None:
    is_over = expected.over_at is not None
    if row.waiting:
        return "it waits"
    if row.refused:
        return "it was refused"
    if row.finished:
        return None if is_over else "it is finished, and not over"
    if row.entry is None or row.entry.said is None:
        return "nothing of it has been said"
    said = row.entry.said
    if (row.entry.price, row.entry.over) != (expected.price, is_over):
        return f"it is at {row.entry.price}, over: {row.entry.over}"
    if (said.price, said.over) != (expected.price, is_over):
        return f"it was told at {said.price}, over: {said.over}"
    return None
