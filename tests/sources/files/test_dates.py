"""Moments are read as they are meant, or refused; day and month are never guessed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.core.clock import EPOCH
from conscope_app.core.refusal import Reason, Refused
from conscope_app.sources.files.dates import DayOrder, parse_moment, pattern_parser
from conscope_app.sources.files.day_order import DateSurvey
from conscope_app.sources.files.errors import UnusableFileError

JANUARY_31 = datetime(2000, 1, 31, tzinfo=UTC)
AT_NOON = JANUARY_31.replace(hour=12, minute=30)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        *((text, JANUARY_31) for text in ("2000-01-31", "2000/01/31", "2000.1.31", "20000131")),
        *((text, JANUARY_31) for text in ("Jan 31 2000", "January 31, 2000", "Jan. 31st, 2000")),
        *((text, JANUARY_31) for text in ("31 Jan 2000", "31-Jan-2000", "31. January 2000")),
        *((text, JANUARY_31) for text in ("31.01.2000", "31.1.00", "2000-W05-1")),
        *((text, AT_NOON) for text in ("2000-01-31T12:30:00Z", "2000-01-31 12:30", "949321800")),
        *((text, AT_NOON) for text in ("2000-01-31T13:30:00+01:00", "2000-01-31 07:30:00 -0500")),
        *((text, AT_NOON) for text in ("949321800000", "949321800000000", "949321800.0")),
        *((text, AT_NOON) for text in ("Jan 31 2000 12:30 PM", "Mon, 31 Jan 2000 12:30:00 GMT")),
        *((text, AT_NOON) for text in ("31.01.2000, 12:30", "2000/1/31 12:30:00 pm")),
        ("2000-01-31T12:30:00.123456Z", AT_NOON.replace(microsecond=123_456)),
        ("2000-01-31 12:30:00.123", AT_NOON.replace(microsecond=123_000)),
        ("Jan 31 2000 12:30 am", AT_NOON.replace(hour=0)),
        ("Jan 2000", datetime(2000, 1, 1, tzinfo=UTC)),
        ("2000-02", datetime(2000, 2, 1, tzinfo=UTC)),
        ("2000", datetime(2000, 1, 1, tzinfo=UTC)),
        ("Sept 5 1999", datetime(1999, 9, 5, tzinfo=UTC)),
        ("-949321800", EPOCH - (AT_NOON - EPOCH)),
        ("05/05/2000", datetime(2000, 5, 5, tzinfo=UTC)),
    ],
)
def test_moment_is_read(text: str, moment: datetime) -> None:
    """Each spelling gives the moment, in UTC where it says no offset."""
    assert parse_moment(text, None) == moment


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "soon",
            "2000-02-30",
            "31/31/2000",
            "32.01.2000",
            "Foo 1 2000",
            "12:30",
            "5",
            "123456",
        ),
        *(
            "2000-01-31T25:00",
            "Jan 31 2000 13:30 PM",
            "=TODAY()",
            "٢٠٠٠-٠١-٠١",
            "0000",
            "02/01/2000",
        ),
        *("99999999999999999999", "2000-01/31", "\x00", "1" * 5_000),
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    """Text that is no date, or could be two, gives a reason, not a date."""
    with pytest.raises(Refused) as refused:
        parse_moment(text, None)

    assert refused.value.reason is Reason.BAD_TIMESTAMP


@given(st.text(max_size=40))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    """No text at all raises anything else, and a moment is always aware."""
    try:
        moment = parse_moment(text, "day-first")
    except Refused as refused:
        assert refused.reason is Reason.BAD_TIMESTAMP
    else:
        assert moment.utcoffset() == timedelta(0)


@given(st.integers(0, 47_481), st.sampled_from(("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%b %d %Y")))
def test_day_and_month_follow_the_order(days: int, pattern: str) -> None:
    """A day from 1900 to 2029 comes back from whatever it was written as."""
    day = datetime(1900, 1, 1, tzinfo=UTC) + timedelta(days=days)
    order: DayOrder = "month-first" if pattern == "%m/%d/%Y" else "day-first"

    assert parse_moment(day.strftime(pattern), order) == day


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        pytest.param(["02/01/2000", "31/01/2000"], "day-first", id="a 31st in front"),
        pytest.param(["02/01/2000", "01/31/2000"], "month-first", id="a 31st behind"),
        pytest.param(["02-01-00", "13-01-00"], "day-first", id="with hyphens and short years"),
        pytest.param(["2000-01-02", "02.01.2000", "Jan 2 2000"], None, id="no date needs it"),
        pytest.param(["05/05/2000"], None, id="the same either way"),
    ],
)
def test_column_tells_its_order(texts: list[str], order: str | None) -> None:
    """One date that can be read in one way only settles the column."""
    survey = DateSurvey()
    for text in texts:
        survey.see(text)

    assert survey.decide() == order


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        (["02/01/2000", "03/04/2000"], "may begin with"),
        (["13/01/2000", "01/13/2000"], "begins with"),
    ],
)
def test_column_that_does_not_tell_is_not_guessed(texts: list[str], problem: str) -> None:
    """It names the dates that it cannot read, and the option that settles it."""
    survey = DateSurvey()
    for text in texts:
        survey.see(text)

    with pytest.raises(UnusableFileError, match=problem) as error:
        survey.decide()
    assert "--date-format" in str(error.value)


def test_pattern_is_the_only_spelling() -> None:
    """With a pattern given, nothing else is a date."""
    parse = pattern_parser("%Y%d%m %H:%M")

    assert parse("20003101 12:30") == AT_NOON
    with pytest.raises(Refused, match="no date of the form"):
        parse("2000-01-31")
