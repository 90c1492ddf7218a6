"""How lines of the list and a day's prices are drawn and said."""

from datetime import timedelta
from decimal import Decimal

import pytest

from conscope_app.store.market.event_list import Said
from conscope_app.store.market.event_list_trends import Hour
from tests.store.market.listed import AT, HOUR
from web.overview_rows import change_of, tags_of, written_date
from web.sparkline import sparkline

NOON = AT.replace(hour=12, minute=0, second=0)


def hours(*prices: str) -> list[Hour]:
    """Prices of hours that follow each other up to noon."""
    count = len(prices)
    return [Hour(NOON - (count - 1 - n) * HOUR, Decimal(each)) for n, each in enumerate(prices)]


def test_a_price_stands_until_the_next_one() -> None:
    """Steps, from a day ago on the left to now on the right; the dearest is at the top."""
    drawn = sparkline([*hours("20"), *hours("10")], "USD", NOON + HOUR)
    day = sparkline([Hour(NOON - 12 * HOUR, Decimal(10)), *hours("30")], "USD", NOON)

    assert drawn is not None
    assert drawn.path == "M107.3 3.0H107.3V25.0H112"
    assert day is not None
    assert day.path == "M56.0 25.0H112.0V3.0H112"


def test_the_line_is_said_in_words_too() -> None:
    """When it begins, where it ends, and between what it moved; UTC, with the currency."""
    drawn = sparkline(hours("20", "8.5", "12"), "EUR", NOON)

    assert drawn is not None
    assert drawn.kind == "drop"
    assert drawn.words == (
        "Lowest by the hour: €20.00 at 10:00 UTC, €12.00 last, between €8.50 and €20.00"
    )


@pytest.mark.parametrize(
    ("prices", "kind"), [(("1", "2"), "rise"), (("2", "3", "2"), "same"), (("5",), "same")]
)
def test_which_way_it_went(prices: tuple[str, ...], kind: str) -> None:
    """From the first hour to the last."""
    drawn = sparkline(hours(*prices), "USD", NOON)

    assert drawn is not None
    assert drawn.kind == kind


def test_a_level_line_is_in_the_middle_and_no_line_is_none() -> None:
    """Nothing is divided by nothing; an hour that began before the day is at its edge."""
    assert sparkline([], "USD", NOON) is None

    level = sparkline([Hour(NOON - timedelta(hours=25), Decimal(5))], "USD", NOON)
    assert level is not None
    assert level.path == "M0.0 14.0H112"


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        ("-0.1234", ("drop", "−", Decimal("12.34"))),
        ("0.5", ("rise", "+", Decimal("50.0"))),
        ("-0.0004", ("same", "", Decimal(0))),
        ("0", ("same", "", Decimal(0))),
    ],
)
def test_a_change_says_which_way(ratio: str, said: tuple[str, str, Decimal]) -> None:
    """What would be written as 0.0 % is no change."""
    assert change_of(Decimal(ratio))[:3] == said


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-05-01T19:30:00+02:00", "2026-05-01 19:30"),
        ("2026-05-01", "2026-05-01"),
        ("First of May", "First of May"),
    ],
)
def test_a_date_is_written_as_short_as_it_can_be(text: str, written: str) -> None:
    """And as it came where it is none of ISO's."""
    assert written_date(text) == written


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param(Said("on_sale", "available", AT - HOUR, None), [], id="on sale"),
        pytest.param(
            Said("cancelled", "none_left", AT + HOUR, None), ["cancelled"], id="only that"
        ),
        pytest.param(
            Said("rescheduled", "none_left", None, None), ["rescheduled", "sold out"], id="both"
        ),
        pytest.param(
            Said("postponed", "few_left", None, None), ["postponed", "few left"], id="few"
        ),
        pytest.param(Said(None, None, AT + 168 * HOUR, None), ["on sale soon"], id="in a week"),
        pytest.param(Said(None, None, AT + 169 * HOUR, None), [], id="in more than a week"),
        pytest.param(Said(None, None, AT, None), [], id="now"),
    ],
)
def test_tags_say_what_matters_before_a_price(said: Said, words: list[str]) -> None:
    """What takes place no more is not sold out beside it."""
    assert [tag.words for tag in tags_of(said, AT)] == words
