"""The lines of a chart, and how those of one thing under several names become one."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec


class Line(msgspec.Struct, frozen=True):
    """One line of the chart. All lists are of one length; `at` are the starts of its spans.

    Amounts are exact; null where they have not been counted yet, or not together: of a section that
    was seen in several spellings in one span.
    """

    name: str
    at: list[int]
    lowest: list[Decimal]
    lower_quartile: list[Decimal | None]
    median: list[Decimal | None]
    upper_quartile: list[Decimal | None]
    drops: list[int]

    def add(self, at: int, *amounts: Any) -> None:
        """One more span."""
        lowest, lower, median, upper, drops = amounts
        self.at.append(at)
        self.lowest.append(lowest)
        self.lower_quartile.append(lower)
        self.median.append(median)
        self.upper_quartile.append(upper)
        self.drops.append(drops)


def empty_line(name: str) -> Line:
    """One without spans."""
    return Line(name, [], [], [], [], [], [])


def in_one_spelling(lines: Iterable[Line], spelling: Callable[[str], str]) -> list[Line]:
    """One line for those whose names are spelled alike, under the shortest of these names.

    Not the busiest: which one that is may change with each price.
    """
    groups: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        groups[spelling(line.name)].append(line)
    return [group[0] if len(group) == 1 else _as_one(group) for group in groups.values()]


def _as_one(lines: Sequence[Line]) -> Line:
    """The quartiles of two lines do not give those of both together: where they meet is none."""
    spans: dict[int, list[tuple[Line, int]]] = defaultdict(list)
    for line in lines:
        for place, at in enumerate(line.at):
            spans[at].append((line, place))
    named = [line.name for line in lines if line.at] or [line.name for line in lines]
    whole = empty_line(min(named, key=_length))
    for at, parts in sorted(spans.items()):
        first, place = parts[0]
        middle = (first.lower_quartile[place], first.median[place], first.upper_quartile[place])
        whole.add(
            at,
            min(line.lowest[place] for line, place in parts),
            *(middle if len(parts) == 1 else (None, None, None)),
            sum(line.drops[place] for line, place in parts),
        )
    return whole


def _length(name: str) -> tuple[bool, int, str]:
    return not name, len(name), name
