"""The lines of the chart of sources: what holds from when on, and where nothing does."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.store.tickets.market_lines import (
    NOTHING,
    Figures,
    MarketLine,
    Period,
    PriceKind,
    SaidInSpan,
    SaidLast,
    Seller,
    lines_of,
)

SELLER = Seller("evt-1", "seatgeek")
DOLLARS, FEES = PriceKind("USD", "listed"), PriceKind("USD", "all_in")
SILENT = PriceKind(None, None)
SPAN, HELD = 60, 600
PERIOD = Period(since=0, until=10_000, held_s=HELD)


def figures(*named: str | None) -> Figures:
    """Lowest, median and average; what is left out is not named."""
    lowest, median, average = (
        None if each is None else Decimal(each) for each in (*named, None, None, None)[:3]
    )
    return lowest, median, average


def said(at: int, *named: str | None, kind: PriceKind = DOLLARS, **given: Any) -> SaidInSpan:
    """A single snapshot, at the beginning of its span."""
    found = figures(*named) if named else NOTHING
    named_at = tuple(None if each is None else at for each in found)
    about = {"figures": found, "spoke_at": at, "named_at": named_at, **given}
    return SaidInSpan(SELLER, kind if named else SILENT, at, **about)


def lows(lines: list[MarketLine]) -> list[list[tuple[int, str | None]]]:
    """Of each line when which lowest price begins to hold."""
    return [
        [
            (at, None if low is None else str(low))
            for at, low in zip(line.at, line.lowest, strict=True)
        ]
        for line in lines
    ]


def drawn(*spans: SaidInSpan, last: SaidLast | None = None, **period: int) -> list[Any]:
    """The lines of these spans."""
    known = {} if last is None else {SELLER: last}
    return lows(lines_of(spans, known, PERIOD._replace(**period)))


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([said(0, "9"), said(60, "8")], [(0, "9"), (60, "8")], id="it falls"),
        pytest.param([said(0, "9"), said(60, "9"), said(120, "9")], [(0, "9")], id="the same"),
        pytest.param([said(0, "9"), said(60)], [(0, "9"), (60, None)], id="no price any more"),
        pytest.param([said(0), said(60, "9")], [(60, "9")], id="none at first"),
        pytest.param(
            [said(0, "9"), said(60), said(120), said(180, "9")],
            [(0, "9"), (60, None), (180, "9")],
            id="a gap",
        ),
        pytest.param(
            [said(0, "9"), said(HELD, "9")], [(0, "9")], id="silent, but not for too long"
        ),
        pytest.param(
            [said(0, "9"), said(900, "9")],
            [(0, "9"), (HELD, None), (900, "9")],
            id="silent for too long",
        ),
        pytest.param(
            [said(0, "9"), said(60, "8", spoke_at=100)],
            [(0, "9"), (60, "8"), (100, None)],
            id="named, and no more named in the same span",
        ),
    ],
)
def test_a_price_holds_until_something_else_is_said(
    spans: list[SaidInSpan], expected: list[tuple[int, str | None]]
) -> None:
    """And never as 0."""
    until = spans[-1].spoke_at + 1

    assert drawn(*spans, until=until) == [expected]


def test_a_line_ends_when_nothing_is_heard_any_more() -> None:
    """As long after its last word as a price holds."""
    assert drawn(said(0, "9"), until=HELD) == [[(0, "9")]]
    assert drawn(said(0, "9"), until=HELD + 1) == [[(0, "9"), (HELD, None)]]


def test_prices_of_two_kinds_are_two_lines() -> None:
    """One has a gap where the other begins; a figure that is not named is null in both."""
    found = lines_of([said(0, "9", "12"), said(60, "11", kind=FEES)], {}, Period(0, 120, HELD))

    assert lows(found) == [[(60, "11")], [(0, "9"), (60, None)]]
    assert [line.basis for line in found] == ["all_in", "listed"]
    assert [line.is_priced for line in found] == [True, False]
    assert found[1].median == [12, None] and found[1].average == [None, None]


def test_a_range_begins_with_what_held_then() -> None:
    """What was said before it is not left out, and what is over before it is not in it."""
    assert drawn(said(0, "9"), said(300, "8"), since=240, until=400) == [[(240, "9"), (300, "8")]]
    assert drawn(said(0, "9"), said(60), since=240, until=400) == []
    assert drawn(said(0, "9"), since=HELD + 5, until=HELD + 90) == []


def test_the_end_is_what_is_said_now() -> None:
    """Exactly, and not the lowest of its span; of another kind it ends the line."""
    span = said(0, "7", spoke_at=50, named_at=(50, None, None))

    now = SaidLast(DOLLARS, 50, figures("9"))
    assert drawn(span, last=now, until=80) == [[(0, "7"), (50, "9")]]
    none = SaidLast(SILENT, 55, NOTHING)
    assert drawn(span, last=none, until=80) == [[(0, "7"), (55, None)]]


def holding(line: MarketLine, moment: int) -> Figures:
    """What a line says of a moment."""
    places = [place for place, at in enumerate(line.at) if at <= moment]
    if not places:
        return NOTHING
    return line.lowest[places[-1]], line.median[places[-1]], line.average[places[-1]]


AMOUNTS = st.one_of(st.none(), st.integers(1, 9).map(Decimal))
FIGURES = st.tuples(AMOUNTS, AMOUNTS, AMOUNTS)
SNAPSHOTS = st.lists(
    st.tuples(st.integers(0, 3_000), st.sampled_from([DOLLARS, FEES]), FIGURES),
    min_size=1,
    max_size=25,
    unique_by=lambda each: each[0],
)


@given(snapshots=SNAPSHOTS, since=st.integers(0, 3_000))
def test_lines_say_what_snapshots_said(
    snapshots: list[tuple[int, PriceKind, Figures]], since: int
) -> None:
    """In spans of a second nothing is thinned: each moment has what was last said, or a gap."""
    in_order = sorted(snapshots, key=lambda each: each[0])
    until = in_order[-1][0] + 2 * HELD
    spans = [
        SaidInSpan(
            SELLER,
            kind,
            at,
            named,
            at,
            (at if named[0] else None, at if named[1] else None, at if named[2] else None),
        )
        for at, kind, named in in_order
    ]
    found = lines_of(spans, {}, Period(since, until, HELD))

    for line in found:
        points = list(zip(line.lowest, line.median, line.average, strict=True))
        assert line.at == sorted(set(line.at)) and line.at[0] >= since
        assert points[0] != NOTHING
        assert all(one != other for one, other in pairwise(points))
    for moment in {max(since, at) for at, *_ in in_order} | {since, until}:
        at, kind, named = next(
            (each for each in reversed(in_order) if each[0] <= moment), (-HELD, SILENT, NOTHING)
        )
        holds = {kind: named} if moment < at + HELD and named != NOTHING else {}
        drawn_then = {PriceKind(line.currency, line.basis): holding(line, moment) for line in found}
        assert {kind: each for kind, each in drawn_then.items() if each != NOTHING} == holds
