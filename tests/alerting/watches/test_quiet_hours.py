from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.alerting.watches.quiet_hours import quiet_until
from conscope_app.alerting.watches.watch import Quiet

NIGHT = Quiet(begin="22:00", until="07:00")
BERLIN = "Europe/Berlin"
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]

times = st.times().map(lambda at: f"{at:%H:%M}")
hours = st.tuples(times, times, st.sampled_from(ZONES)).filter(lambda each: each[0] != each[1])
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001 made aware here
    lambda at: at.replace(tzinfo=UTC)
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        pytest.param("2026-11-22T20:59", None, id="a minute before"),
        pytest.param("2026-11-22T21:00", "2026-11-23T06:00", id="as it begins"),
        pytest.param("2026-11-23T02:00", "2026-11-23T06:00", id="after midnight"),
        pytest.param("2026-11-23T06:00", None, id="as it ends"),
        pytest.param("2026-07-01T20:00", "2026-07-02T05:00", id="in summer time"),
        pytest.param("2026-03-28T23:30", "2026-03-29T05:00", id="a night of an hour less"),
        pytest.param("2026-10-24T22:30", "2026-10-25T06:00", id="a night of an hour more"),
    ],
)
def test_a_night_by_the_clocks_of_its_zone(now: str, ends: str | None) -> None:
    assert quiet_until(NIGHT, BERLIN, utc(now)) == (ends and utc(ends))


def test_an_hour_that_comes_twice_is_quiet_both_times() -> None:
    """On 25 October 2026 clocks in Berlin show 02:30 twice: at 00:30 and at 01:30 UTC."""
    quiet = Quiet(begin="01:00", until="02:30")

    assert quiet_until(quiet, BERLIN, utc("2026-10-25T01:15")) == utc("2026-10-25T01:30")


def test_a_nap_is_on_one_day() -> None:
    quiet = Quiet(begin="13:00", until="14:00")

    assert quiet_until(quiet, "UTC", utc("2026-11-22T13:30")) == utc("2026-11-22T14:00")
    assert quiet_until(quiet, "UTC", utc("2026-11-22T14:30")) is None


@given(hours, moments)
def test_it_ends_and_not_for_nothing(hours: tuple[str, str, str], now: datetime) -> None:
    """An end lies ahead, within two days; until then it is quiet, and then no more."""
    begin, until, zone = hours
    quiet = Quiet(begin=begin, until=until)
    end = quiet_until(quiet, zone, now)
    if end is None:
        return

    assert now < end <= now + timedelta(hours=49)
    assert quiet_until(quiet, zone, end - timedelta(seconds=1)) is not None
    assert quiet_until(quiet, zone, end) is None
