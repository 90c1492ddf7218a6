"""The lines of the list of events as a person reads them. Pure."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from conscope_app.store.market.event_list import Line, Said
from web.event_address import event_page
from web.figures import age_s, says_simulated
from web.sparkline import Sparkline, sparkline


class Tag(NamedTuple):
    """What is to be known of an event before its price: a kind of state, and words."""

    kind: str
    words: str


# Whoever is asked each minute or two and has said nothing for so long has likely stopped.
STALE_AFTER_S = 300.0

# Sources that say sums are asked every few minutes to once a day, by how near the event is.
SUMS_STALE_AFTER_S = 26 * 3_600.0

_SOON = timedelta(days=7)
_STATUS_TAGS = {
    "cancelled": Tag("bad", "cancelled"),
    "postponed": Tag("wait", "postponed"),
    "rescheduled": Tag("wait", "rescheduled"),
}

# A change that would be written as 0.0 % is none.
_NO_CHANGE = Decimal("0.0005")

_DAY_AND_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})", re.A)


class Change(NamedTuple):
    """How much the lowest price changed: which way, and by how many percent."""

    kind: str
    sign: str
    percent: Decimal
    words: str


class Row(NamedTuple):
    """A line with what follows from it. `element` names it on the page, now and when it moved.

    `is_one_of_several`: sources know the event under several ids.
    """

    line: Line
    element: str
    href: str
    date: str | None
    spark: Sparkline | None
    change: Change | None
    age_s: float
    is_stale: bool
    is_simulated: bool
    is_one_of_several: bool
    other_currencies: list[str]
    tags: list[Tag]


def rows_of(lines: Sequence[Line], now: datetime) -> list[Row]:
    """The lines, as of now."""
    return [_row(each, now) for each in lines]


def _row(line: Line, now: datetime) -> Row:
    age = age_s(line.last_seen_at, now)
    return Row(
        line=line,
        element=f"event-{_digest(line.event_id, line.currency or '')}",
        href=event_page(line.event_id, currency=line.currency),
        date=None if line.event_date is None else written_date(line.event_date),
        spark=sparkline(line.trend, line.currency, now) if line.currency else None,
        change=None if line.change_ratio is None else change_of(line.change_ratio),
        age_s=age,
        is_stale=age > (SUMS_STALE_AFTER_S if line.of_snapshots else STALE_AFTER_S),
        is_simulated=any(says_simulated(each) for each in line.sources),
        is_one_of_several=len(line.members) > 1,
        other_currencies=[each for each in line.currencies if each != line.currency],
        tags=[] if line.said is None else tags_of(line.said, now),
    )


def tags_of(said: Said, now: datetime) -> list[Tag]:
    """The tags of what a source says, the one that matters most first."""
    tags = [_STATUS_TAGS[said.status]] if said.status in _STATUS_TAGS else []
    if said.status == "cancelled":
        return tags
    if said.availability == "none_left":
        tags.append(Tag("bad", "sold out"))
    elif said.availability == "few_left":
        tags.append(Tag("wait", "few left"))
    if said.on_sale_at is not None and now < said.on_sale_at <= now + _SOON:
        tags.append(Tag("good", "on sale soon"))
    return tags


def change_of(ratio: Decimal) -> Change:
    """A ratio since a day ago, in words."""
    percent = abs(ratio) * 100
    if abs(ratio) < _NO_CHANGE:
        return Change("same", "", Decimal(0), "as a day ago")
    if ratio < 0:
        return Change("drop", "−", percent, "cheaper than a day ago")
    return Change("rise", "+", percent, "dearer than a day ago")


def written_date(text: str) -> str:
    """A source's date: to the minute where it is written in ISO's way, else as it came."""
    found = _DAY_AND_TIME.match(text)
    return f"{found[1]} {found[2]}" if found else text


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
