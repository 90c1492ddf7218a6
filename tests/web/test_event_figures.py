"""The arithmetic of an event's page: changes, histogram, heat, and what a file holds."""

import csv
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import MultiDict
from yarl import URL

from conscope_app.alerting.watches.validation import read_watch
from conscope_app.domains.tickets.happenings import unknown
from conscope_app.store.market.event_prices import Cell, Summary
from tests.web.reports import NOW
from web.csv_cells import csv_lines
from web.downloads import file_name
from web.event_address import event_api, event_page
from web.event_figures import (
    change_between,
    coarse,
    day_in_words,
    days_in_words,
    days_to,
    lasting,
    signed,
    trend,
)
from web.heat import MOST_ROWS, MOST_SECTIONS, heat_table, sections_of
from web.histogram import HEIGHT, WIDTH, Bin, bars, bins, edges, top_of
from web.new_watches import (
    WITHOUT_SEATS,
    begun_definition,
    happenings_link,
    target_under,
    watch_link,
)

PRICES = st.decimals(0, 10**15, allow_nan=False, places=2)


def a_summary(*prices: object, first: str | None = None) -> Summary:
    """Of prices that are in order; the 95th percentile is the last but one of many."""
    amounts = [Decimal(str(each)) for each in prices]
    if not amounts:
        return Summary(0, 0, 0, *[None] * 8)
    p95 = amounts[-1] if len(amounts) < 3 else amounts[-2]
    low, high, total = amounts[0], amounts[-1], sum(amounts, Decimal(0))
    before = None if first is None else Decimal(first)
    return Summary(len(amounts), 0, 0, low, high, total, before, low, low, p95, p95)


def test_a_change_is_exact() -> None:
    """And of nothing there is no percentage."""
    change = change_between(Decimal("87.50"), Decimal("100.00"))

    assert change is not None
    assert (change.amount, change.percent) == (Decimal("-12.50"), Decimal("-12.5000"))
    assert change_between(Decimal(1), Decimal(0)) is None
    assert change_between(Decimal(1), None) is None
    assert change_between(None, Decimal(1)) is None


@pytest.mark.parametrize(
    ("now", "day_ago", "direction"),
    [("90", "100", "cheaper"), ("110", "100", "dearer"), ("99.6", "100", "steady")],
)
def test_the_lowest_price_of_a_day_ago_tells_the_trend(
    now: str, day_ago: str, direction: str
) -> None:
    """Less than half a percent is none."""
    summary = a_summary(now, first="1")
    found = trend(summary, change_between(Decimal(now), Decimal(day_ago)))

    assert (found.direction, found.since) == (direction, "a day ago")


def test_without_a_day_ago_the_seats_themselves_tell_it() -> None:
    """By what has become of their first prices; of no seats nothing is told."""
    cheaper = trend(a_summary(45, 45, first="100"), None)

    assert (cheaper.direction, cheaper.percent) == ("cheaper", Decimal(-10))
    assert cheaper.since == "they were first seen"
    assert trend(a_summary(), None).direction == "unknown"


@pytest.mark.parametrize(
    ("event_date", "words"),
    [
        ("2026-03-01", "today"),
        ("2026-03-02T00:30:00+02:00", "today"),
        ("2026-03-02", "tomorrow"),
        ("2027-05-15T19:00:00Z", "in 440 days"),
        ("2026-02-26", "3 days ago"),
        ("to be announced", None),
        (None, None),
    ],
)
def test_days_are_counted_by_the_calendar(event_date: str | None, words: str | None) -> None:
    """Of UTC."""
    days = days_to(event_date, NOW)

    assert (None if days is None else days_in_words(days)) == words


def test_figures_are_said_as_people_say_them() -> None:
    """With a sign, as coarse as there is room for."""
    assert [signed(Decimal(each)) for each in ("-12.54", "3", "0.04")] == [
        "−12.5 %",
        "+3.0 %",
        "±0 %",
    ]
    assert [coarse(Decimal(each)) for each in ("0", "9.5", "128.4", "12000", "3500000")] == [
        *("0", "9.5", "128", "12k", "4m"),
    ]
    assert [coarse(Decimal(each)) for each in ("0.05", "0.999", "1e-18")] == [
        "0.05",
        "1.0",
        "1e-18",
    ]
    assert [lasting(each) for each in (8, 720, 18_000, 260_000)] == ["8 s", "12 min", "5 h", "3 d"]
    assert day_in_words("2027-05-15T19:00:00Z") == "15 May 2027, 19:00 UTC"
    assert day_in_words("2027-05-15T21:00:00+02:00") == "15 May 2027, 19:00 UTC"
    assert day_in_words("2027-05-15T19:30") == "15 May 2027, 19:30"
    assert day_in_words("2027-05-15") == "15 May 2027"
    assert day_in_words("soon") == "soon"


def test_the_largest_change_that_there_is_can_be_said() -> None:
    """From the smallest believable price to the largest, of as many seats as there may be."""
    change = change_between(Decimal(10**15) * 50_000, Decimal("1e-18"))

    assert change is not None
    assert signed(change.percent).startswith("+4,999,999,999,999,999,999,999,999,999,999,999,9")


def test_steps_of_the_histogram_are_round() -> None:
    """From below the cheapest; one seat for a million does not stretch them."""
    steps = edges(a_summary(52, 60, 348, 1_000_000))
    found = bins(steps, [1] * len(steps), Decimal(1_000_000))

    assert steps[:3] == [Decimal(50), Decimal(70), Decimal(90)] or steps[1] - steps[0] == 20
    assert steps[0] <= 52
    assert found[-1].below is None
    assert edges(a_summary()) == []
    assert edges(a_summary(10, 10)) == [Decimal(10)]


# They differ in the thirty-third digit only.
@example([Decimal(f"999999999999999.1234567890123456{last}") for last in ("78", "79")])
@example([Decimal(f"999999999999999.1234567890129456{last}") for last in ("78", "79")])
@example([Decimal("1e-18"), Decimal(10**15)])
@given(st.lists(PRICES, min_size=1, max_size=40))
def test_every_price_is_in_one_step(prices: list[Decimal]) -> None:
    """There are few steps, in order, and the bars are inside of the drawing."""
    prices.sort()
    summary = a_summary(*prices)
    steps = edges(summary)
    counts = [
        sum(1 for price in prices if low <= price and (high is None or price < high))
        for low, high in zip(steps, [*steps[1:], None], strict=True)
    ]
    found = bins(steps, counts, summary.highest)

    assert 1 <= len(steps) <= 26
    assert steps == sorted(set(steps))
    assert sum(each.seats for each in found) == len(prices)
    assert found[-1].below is None or prices[-1] < found[-1].below
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH and bar.y >= 0 for bar in bars(found))


@pytest.mark.parametrize(
    ("most", "top"), [(0, 2), (1, 2), (5, 6), (9, 10), (11, 20), (130, 200), (2_640, 3_000)]
)
def test_the_scale_of_a_histogram_is_round(most: int, top: int) -> None:
    """And has a whole half; the longest bar is as long as it stands for."""
    found = [Bin(Decimal(1), None, most), Bin(Decimal(2), None, 0)]
    longest = max(bar.height for bar in bars(found))

    assert top_of(found) == top
    assert longest == pytest.approx(most / top * HEIGHT)


def test_heat_is_a_table_that_fits() -> None:
    """In the order people count in; what is left out is the dearest, and counted."""
    cells = [Cell(f"S {n // 40}", str(n % 40), Decimal(n), 1) for n in range(40 * 30)]
    found = heat_table(cells)

    assert [len(found.sections), len(found.rows)] == [MOST_SECTIONS, MOST_ROWS]
    assert (found.sections_left_out, found.rows_left_out) == (6, 10)
    assert found.rows[:11] == [str(each) for each in range(11)]
    assert [name for name, _ in found.sections][:3] == ["S 0", "S 1", "S 2"]
    levels = [cell.level for _, line in found.sections for cell in line if cell]
    assert (min(levels), max(levels)) == (0, 6)
    assert heat_table([]).sections == []


def test_heat_has_one_line_for_one_section() -> None:
    """However its sources spell it, under its cheapest name; so has the list of sections."""
    cells = [
        Cell("Sec 101", "R12", Decimal(10), 2),
        Cell("101", "12", Decimal(20), 3),
        Cell("101W", "AA", Decimal(30), 1),
        Cell("SEC. 9", "B", Decimal(40), 1),
    ]

    found = heat_table(cells)

    assert found.rows == ["B", "AA", "R12"]
    assert [name for name, _ in found.sections] == ["SEC. 9", "Sec 101", "101W"]
    ((_, _, merged),) = [line for name, line in found.sections if name == "Sec 101"]
    assert merged is not None
    assert merged.cell == Cell("Sec 101", "R12", Decimal(10), 5)
    assert sections_of(cells) == ["SEC. 9", "Sec 101", "101W"]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝"])
def test_no_text_of_a_file_is_a_formula(begin: str) -> None:
    """It gets an apostrophe before it; amounts, moments and harmless texts stay as they are."""
    text = csv_lines(
        [
            [
                f'{begin}cmd|" /C calc"!A0',
                Decimal("-12.50"),
                3,
                None,
                "a,b",
                datetime(2026, 3, 1, tzinfo=UTC),
            ]
        ]
    )
    (row,) = csv.reader(StringIO(text, newline=""))

    assert row == [
        f'\'{begin}cmd|" /C calc"!A0',
        *("-12.50", "3", "", "a,b", "2026-03-01T00:00:00+00:00"),
    ]


def test_a_file_has_a_harmless_name() -> None:
    """Whatever the event's id is."""
    assert file_name('a/../"b\r\n', "seats", NOW, "csv") == "a-b-seats-20260301T140322Z.csv"
    assert file_name("💥", "seats", NOW, "csv") == "event-seats-20260301T140322Z.csv"


def test_a_target_is_below_what_is_asked_now() -> None:
    """By a twentieth, in a round amount."""
    prices = ["184.50", "9.99", "0.01", "20"]

    assert [str(target_under(Decimal(each))) for each in prices] == [
        "175",
        "9.49",
        "0.0095",
        "19.00",
    ]


def test_a_link_begins_a_watch() -> None:
    """The form holds what the link says, as if it had been typed; nonsense too."""
    link = URL(watch_link("a/b", "Ä & B", seats=2, price=Decimal(200), currency="EUR"))
    begun = begun_definition(link.query)

    assert link.path == "/watches/new"
    assert begun == {
        "id": "a-b-2-together",
        "name": "Ä & B, 2 together",
        "what": {"subjects": ["a/b"], "together": 2},
        "when": {"target": {"at_most": "190"}, "currency": "EUR", "basis": "listed"},
    }
    assert begun_definition(MultiDict()) == {"id": "", "what": {}, "when": {"target": {}}}
    assert begun_definition(MultiDict(together="two"))["what"] == {"together": "two"}


def test_a_link_begins_a_watch_of_what_happens() -> None:
    """Without a price, and so that it can be kept: all words are known, for the event's sources."""
    link = URL(happenings_link(["a/b", "c"], "Ä & B", ["ticketmaster", "x y"]))
    begun = begun_definition(link.query)
    kept = read_watch(begun)

    assert kept.id == "a-b-what-happens"
    assert kept.name == "Ä & B: what happens"
    assert kept.what.subjects == ("a/b", "c", "source:ticketmaster", "source:x y")
    assert not kept.when.asks_for_price
    assert kept.when.happens == WITHOUT_SEATS
    assert unknown(WITHOUT_SEATS) == []


def test_addresses_say_only_what_is_asked() -> None:
    """And are one part of a path, whatever the id."""
    assert event_page("a/b?", sort=None) == "/events/a%2Fb%3F"
    assert event_api("é", "seats", section="a b&") == "/api/v1/events/%C3%A9/seats?section=a+b%26"
