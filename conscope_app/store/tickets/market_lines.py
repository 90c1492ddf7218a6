"""What sources said an event costs, as the lines of a chart. Pure.

A point of a line holds until the next one; where all figures of a point are null, none is known
from then on. That is so where the source says that there is no price, where it does not speak of
one, where it names prices of another kind instead, and when it has said nothing for too long.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from conscope_app.domains.tickets.market import PriceBasis

Figures = tuple[Decimal | None, Decimal | None, Decimal | None]  # lowest, median, average

NOTHING: Figures = (None, None, None)


class Seller(NamedTuple):
    """An event at a source."""

    event_id: str
    source: str


class PriceKind(NamedTuple):
    """What prices are in and what they hold: those of two kinds are not comparable."""

    currency: str | None
    basis: PriceBasis | None


class SaidInSpan(NamedTuple):
    """What a source said in a span of time, with prices of one kind. Times are seconds since 1970.

    `figures` are the lowest that it said of each. It last spoke at `spoke_at`, and last named each
    of the figures at `named_at`.
    """

    seller: Seller
    kind: PriceKind
    at: int
    figures: Figures
    spoke_at: int
    named_at: tuple[int | None, int | None, int | None]


class SaidLast(NamedTuple):
    """The newest that a source said, exactly."""

    kind: PriceKind
    at: int
    figures: Figures


class Period(NamedTuple):
    """Which time a chart shows; a price holds for `held_s` where nothing more is said."""

    since: int
    until: int
    held_s: int


class MarketLine(msgspec.Struct, frozen=True):
    """What a source said an event costs. All lists are of one length; a point holds until the next.

    Each figure is the lowest that was said in the point's span, the last ones are as they are now.
    """

    event_id: str
    source: str
    currency: str | None
    basis: PriceBasis | None
    at: list[int]
    lowest: list[Decimal | None]
    median: list[Decimal | None]
    average: list[Decimal | None]

    @property
    def is_priced(self) -> bool:
        """Whether a price is known at its end."""
        return any(figures[-1] is not None for figures in (self.lowest, self.median, self.average))


def lines_of(
    said: Iterable[SaidInSpan], last: Mapping[Seller, SaidLast], period: Period
) -> list[MarketLine]:
    """A line for each kind of price at each seller, in order of their names."""
    sellers: dict[Seller, dict[int, list[SaidInSpan]]] = defaultdict(lambda: defaultdict(list))
    for each in said:
        sellers[each.seller][each.at].append(each)
    found = []
    for seller, spans in sorted(sellers.items(), key=lambda each: (each[0].source, each[0])):
        in_order = [spans[at] for at in sorted(spans)]
        kinds = {each.kind for span in in_order for each in span if each.figures != NOTHING}
        for kind in sorted(kinds, key=lambda each: (each.currency or "", each.basis or "")):
            points = _shown(_points(kind, in_order, last.get(seller), period), period)
            if points:
                found.append(_line(seller, kind, points))
    return found


def _points(
    kind: PriceKind, spans: Sequence[Sequence[SaidInSpan]], last: SaidLast | None, period: Period
) -> Iterator[tuple[int, Figures]]:
    """What holds from when on; one that comes later counts, of those of one moment too."""
    spoke_at: int | None = None
    for span in spans:
        if spoke_at is not None and span[0].at > spoke_at + period.held_s:
            yield spoke_at + period.held_s, NOTHING
        spoke_at = max(each.spoke_at for each in span)
        mine = next((each for each in span if each.kind == kind), None)
        if mine is None:
            yield span[0].at, NOTHING
            continue
        yield mine.at, mine.figures
        yield spoke_at, _still_named(mine, spoke_at)
    if last is not None and (spoke_at is None or last.at >= spoke_at):
        spoke_at = last.at
        yield last.at, last.figures if last.kind == kind else NOTHING
    if spoke_at is not None and period.until > spoke_at + period.held_s:
        yield spoke_at + period.held_s, NOTHING


def _still_named(said: SaidInSpan, spoke_at: int) -> Figures:
    """Without those that the source no longer named when it last spoke in the span."""
    lowest, median, average = (
        figure if named_at is not None and named_at >= spoke_at else None
        for figure, named_at in zip(said.figures, said.named_at, strict=True)
    )
    return lowest, median, average


def _shown(points: Iterable[tuple[int, Figures]], period: Period) -> list[tuple[int, Figures]]:
    """Those of the period that say something else than the one before; it begins with what held."""
    shown: list[tuple[int, Figures]] = []
    for at, figures in points:
        moment = max(at, period.since)
        while shown and shown[-1][0] >= moment:
            shown.pop()
        if figures != (shown[-1][1] if shown else NOTHING):
            shown.append((moment, figures))
    return shown


def _line(seller: Seller, kind: PriceKind, points: list[tuple[int, Figures]]) -> MarketLine:
    lowest, median, average = ([figures[place] for _, figures in points] for place in range(3))
    at = [each for each, _ in points]
    return MarketLine(*seller, *kind, at, lowest, median, average)
