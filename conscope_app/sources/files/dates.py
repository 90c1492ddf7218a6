"""Moments as people write them: ISO 8601, `Jan 1 2000`, `31.01.2000`, seconds since 1970, …

A moment without an offset is taken as UTC, as on the wire; a day as its midnight, a month as its
first day.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

from conscope_app.core.clock import EPOCH
from conscope_app.core.refusal import Reason, Refused

DayOrder = Literal["day-first", "month-first"]
Parse = Callable[[str], datetime]

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_ZONE = r"(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})"
_CLOCK = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?P<fraction>\.[0-9]{1,9})?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*"
)
_TIME = rf"(?:(?:T|,?\s+){_CLOCK}{_ZONE}?)?"
_YEAR = r"(?P<year>[0-9]{4})"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
_GAP = r",?[\s\-]+"
_YEAR_FIRST = re.compile(
    _YEAR + r"(?P<sign>[/.\-])(?P<month>[0-9]{1,2})(?P=sign)(?P<day>[0-9]{1,2})" + _TIME
)
YEAR_LAST = re.compile(
    r"(?P<first>[0-9]{1,2})(?P<sign>[/.\-])(?P<next>[0-9]{1,2})(?P=sign)"
    r"(?P<year>[0-9]{4}|[0-9]{2})" + _TIME
)
_NAMED = (
    re.compile(_NAME + _GAP + _DAY + _GAP + _YEAR + _TIME),  # Jan 31, 2000
    re.compile(_DAY + r"\.?" + _GAP + _NAME + _GAP + _YEAR + _TIME),  # 31 Jan 2000
    re.compile(_NAME + _GAP + _YEAR),  # Jan 2000
)
_YEAR_MONTH = re.compile(_YEAR + r"[/.\-](?P<month>[0-9]{1,2})")
_NUMBER = re.compile(r"-?[0-9]+|-?[0-9]{9,10}\.[0-9]+")
_UNITS_A_SECOND = {13: 10**3, 12: 10**3, 16: 10**6, 15: 10**6, 19: 10**9, 18: 10**9}


def moment_parser(order: DayOrder | None) -> Parse:
    """A parser for every spelling that is known here; it raises `Refused` for any other."""

    def parse(text: str) -> datetime:
        return parse_moment(text, order)

    return parse


def pattern_parser(pattern: str) -> Parse:
    """A parser for one `strptime` pattern alone."""

    def parse(text: str) -> datetime:
        try:
            return _as_utc(datetime.strptime(text, pattern))  # noqa: DTZ007 taken as UTC at once
        except ValueError:
            raise Refused(Reason.BAD_TIMESTAMP, f"no date of the form {pattern}") from None

    return parse


def parse_moment(text: str, order: DayOrder | None) -> datetime:
    """The moment, aware, in UTC; `02/01/2000` needs an order. Raises `Refused`."""
    try:
        moment = _read(text, order)
    except (ValueError, OverflowError) as error:
        raise Refused(Reason.BAD_TIMESTAMP, f"no date: {error}") from None
    if moment is None:
        raise Refused(Reason.BAD_TIMESTAMP, "no date that is known here; see --date-format")
    return _as_utc(moment)


def _read(text: str, order: DayOrder | None) -> datetime | None:
    if _NUMBER.fullmatch(text):
        return _from_number(text)
    if match := _YEAR_FIRST.fullmatch(text):
        return _moment(match, int(match["month"]), int(match["day"]))
    if match := YEAR_LAST.fullmatch(text):
        return _year_last(match, order)
    for pattern in _NAMED:
        if match := pattern.fullmatch(text):
            month = _month(match["name"])
            return None if month is None else _moment(match, month, _day(match))
    if match := _YEAR_MONTH.fullmatch(text):
        return datetime(int(match["year"]), int(match["month"]), 1, tzinfo=UTC)
    return _standard(text)


def _standard(text: str) -> datetime | None:
    """What the standards know beyond the shapes above: week dates, RFC 5322."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass  # not ISO 8601; the other standard is asked next
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None


def _from_number(text: str) -> datetime | None:
    digits = len(text.lstrip("-").split(".")[0])
    if digits == 4:
        return datetime(int(text), 1, 1, tzinfo=UTC)
    if digits == 8 and not text.startswith("-"):
        return datetime(int(text[:4]), int(text[4:6]), int(text[6:]), tzinfo=UTC)
    if digits in (9, 10):
        return EPOCH + timedelta(seconds=float(text))
    units = _UNITS_A_SECOND.get(digits)
    return None if units is None else EPOCH + timedelta(microseconds=int(text) * 10**6 // units)


def _year_last(match: re.Match[str], order: DayOrder | None) -> datetime | None:
    first, second = int(match["first"]), int(match["next"])
    # Nobody who writes dates with points begins with the month.
    if match["sign"] == "." or order == "day-first" or first == second:
        return _moment(match, second, first)
    return _moment(match, first, second) if order == "month-first" else None


def _moment(match: re.Match[str], month: int, day: int) -> datetime:
    year = int(match["year"])
    if year < 100:
        year += 1900 if year >= 69 else 2000  # as POSIX reads years of two digits
    date = datetime(year, month, day, tzinfo=UTC)
    parts = match.groupdict()
    if not parts.get("hour"):
        return date
    hour = _hour(int(parts["hour"]), parts["half"])
    fraction = int(((parts["fraction"] or ".0")[1:] + "000000")[:6])
    moment = date.replace(
        hour=hour,
        minute=int(parts["minute"]),
        second=int(parts["second"] or 0),
        microsecond=fraction,
    )
    return moment - _offset(parts["zone"])


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(f"no hour {hour} with {half}")
    return hour % 12 + (12 if half[0] in "Pp" else 0)


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone[0] not in "+-":
        return timedelta(0)
    digits = zone[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return offset if zone[0] == "+" else -offset


def _month(name: str) -> int | None:
    known = name.lower().replace("sept", "sep") if len(name) == 4 else name.lower()
    for number, month in enumerate(_MONTHS, start=1):
        if known in (month, month[:3]):
            return number
    return None


def _day(match: re.Match[str]) -> int:
    return int(match.groupdict().get("day") or 1)


def _as_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
