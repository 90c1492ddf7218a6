"""What an audit found."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from conscope_app.audit.places import Facts, Place
from conscope_app.audit.register import Fault

_SHOWN_CHARACTERS = 60


class Finding(NamedTuple):
    """One id that is not as it must be, in one place."""

    place: str
    fault: Fault
    id: str
    detail: str = ""


class Total(msgspec.Struct):
    """One place in numbers. `excused` were refused by the database, `removed` by retention."""

    place: str
    expected: int = 0
    found: int = 0
    excused: int = 0
    removed: int = 0
    missing: int = 0
    doubled: int = 0
    wrong: int = 0
    unexpected: int = 0


class Report(msgspec.Struct):
    """The whole audit. `totals` count every fault, `findings` are the first of each.

    `records` are raw prices, `snapshots` market snapshots; `partitions` the offsets of each.
    """

    records: int
    good: int
    partitions: dict[int, tuple[int, int]]
    totals: list[Total]
    findings: list[Finding]
    notes: list[str]
    snapshots: int = 0
    good_snapshots: int = 0
    snapshot_partitions: dict[int, tuple[int, int]] = {}

    @property
    def clean(self) -> bool:
        """Whether everything is there, once and right."""
        return not any(
            total.missing or total.doubled or total.wrong or total.unexpected
            for total in self.totals
        )


@dataclass(slots=True)
class Findings:
    """Counts every fault, and keeps the first `limit` of each place and kind to be shown."""

    limit: int
    counts: Counter[tuple[str, Fault]] = field(default_factory=Counter)
    shown: list[Finding] = field(default_factory=list)

    def add(self, place: Place | str, fault: Fault, record_id: str, detail: str = "") -> bool:
        """Count a fault; True where it is one of those that are shown."""
        name = place if isinstance(place, str) else place.name
        self.counts[name, fault] += 1
        keep = self.counts[name, fault] <= self.limit
        if keep:
            self.shown.append(Finding(name, fault, record_id, detail))
        return keep

    def count_into(self, total: Total) -> None:
        """Note in a place's total how often each fault was found there."""
        for fault in Fault:
            setattr(total, fault.value, self.counts[total.place, fault])

    def describe(self, bare: Finding, detail: str) -> None:
        """Add the detail to a finding that is shown."""
        self.shown[self.shown.index(bare)] = bare._replace(detail=detail)

    def ordered(self, places: Sequence[str]) -> list[Finding]:
        """What is shown, in the order of the places."""
        at = {name: index for index, name in enumerate(places)}
        return sorted(self.shown, key=lambda finding: (at[finding.place], finding.fault))


def difference(place: Place, expected: Facts, found: Facts) -> str:
    """Field by field what is expected and what was found."""
    return "; ".join(
        f"{name} is {_shown(is_)}, not {_shown(must)}"
        for name, must, is_ in zip(place.names, expected, found, strict=True)
        if must != is_
    )


def _shown(text: str | None) -> str:
    if text is None:
        return "null"
    if len(text) <= _SHOWN_CHARACTERS:
        return ascii(text) if not text.isprintable() else text
    return f"{text[:_SHOWN_CHARACTERS]!a}… ({len(text)} characters)"
