"""Processed prices as what watches are told: an event is their subject, a seat of a shop an item.

| a watch says | a ticket has |
|---|---|
| subject | `event_id` |
| item | the seat key, as text |
| basis `all_in` | `total_price`, or else `price` and `fees`; none where neither is known |
| basis `listed` | `price` |
| labels | `section`, `zone`, `row`, `seat`, `source`, `delivery` as the source writes them |
| neighbours | seats of one row in one shop: `12` and `13`, or `12-13` as a whole |

A zone is a section's name without its number: `Lower 101` and `Lower 102` are in `Lower`. A watch
for `101` means `Sec 101` too (`SPELLINGS`). Numbers are taken as they are, but where a venue
numbers seats by twos: there 1 and 3 are neighbours, and 1 and 2 are not.
"""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

import msgspec

from conscope_app.alerting.watches.scope import Spellings
from conscope_app.alerting.watches.signals import Gone, Priced
from conscope_app.core.money import total
from conscope_app.domains.tickets.records import Kind, as_utc
from conscope_app.domains.tickets.seat_key import is_unnamed, seat_key
from conscope_app.domains.tickets.seating.rows import row_of
from conscope_app.domains.tickets.seating.seat_runs import numbered_by_twos, side_of, spots
from conscope_app.domains.tickets.seating.sections import section_of, zone_spelling

ALL_IN, LISTED = "all_in", "listed"

# No section, row or seat holds a control character: validation refuses it.
_BETWEEN = "\t"
_MOMENT = timedelta(microseconds=1)
_NUMBERED = re.compile(r"(.*\S)\s+(?:\S*\d\S*|[A-Za-z])")


# What makes two labels one, for watches; the venue is not known there, nor its habits.
SPELLINGS: Spellings = (
    ("section", lambda text: str(section_of(text))),
    ("zone", zone_spelling),
    ("row", row_of),
)


class Offered(msgspec.Struct, gc=False, kw_only=True):
    """What watches ask of a processed price: its fields, or the columns of its row."""

    event_id: str
    venue: str = ""
    event_date: str | None
    source: str
    section: str
    row: str
    seat: str
    price: Decimal
    fees: Decimal | None = None
    total_price: Decimal | None = None
    timestamp: datetime
    quantity: int | None = 1
    delivery_method: str | None = None
    currency: str = "USD"
    listing_id: str | None = None
    kind: Kind


_decode = msgspec.json.Decoder(Offered).decode


def read_signal(value: bytes, *, place: int, recorded_at: datetime) -> Priced | Gone:
    """What the bytes of a processed price tell a watch; raises what msgspec does."""
    return signal_of(_decode(value), place=place, recorded_at=recorded_at)


def signal_of(offered: Offered, *, place: int, recorded_at: datetime) -> Priced | Gone:
    """What an offer tells a watch. None left: it is gone.

    One that was late when it came may have been sold out by then: it says so of no moment that
    counts, and is told as a price.
    """
    event_id, source, section = offered.event_id, offered.source, offered.section
    row, seat = offered.row, offered.seat
    item = seat_key(event_id, source, section, row, seat, offered.listing_id).decode()
    if offered.quantity == 0 and offered.kind != "late":
        return Gone(subject=event_id, place=place, recorded_at=recorded_at, item=item)
    by_twos = numbered_by_twos(section, offered.venue)
    first, last = spots(seat, offered.quantity, by_twos)
    return Priced(
        subject=event_id,
        place=place,
        recorded_at=recorded_at,
        item=item,
        observed_at=_observed_at(offered),
        prices=_prices(offered),
        currency=offered.currency,
        labels={
            "section": section,
            "zone": zone_of(section),
            "row": row,
            "seat": seat,
            "source": source,
            "delivery": offered.delivery_method or "",
        },
        line=_line(source, section, row, side_of(seat, by_twos)),
        first=first,
        last=last,
        units=offered.quantity or 1,
        takes_place_at=None if offered.event_date is None else takes_place_at(offered.event_date),
    )


def _line(source: str, section: str, row: str, side: str) -> str:
    """As the source spells it: what is in the books stands on such lines."""
    line = f"{source}{_BETWEEN}{section}{_BETWEEN}{row}"
    return f"{line}{_BETWEEN}{side}" if side else line


def _observed_at(offered: Offered) -> datetime:
    """When it was seen. What stands beside a cheaper one of its moment is told as older than it."""
    seen_at = as_utc(offered.timestamp)
    is_beside = offered.kind == "late" and is_unnamed(offered.seat, offered.listing_id)
    return seen_at - _MOMENT if is_beside else seen_at


def _prices(offered: Offered) -> dict[str, Decimal]:
    """A total of nothing is one that the shop did not fill in."""
    price, fees = offered.price, offered.fees
    all_in = offered.total_price or (None if fees is None else total(price, fees))
    return {LISTED: price} if all_in is None else {ALL_IN: all_in, LISTED: price}


@lru_cache(maxsize=4_096)
def zone_of(section: str) -> str:
    """A section's name without its number or letter, if it has one."""
    numbered = _NUMBERED.fullmatch(section.strip())
    return section.strip() if numbered is None else numbered[1]


@lru_cache(maxsize=4_096)
def takes_place_at(event_date: str) -> datetime | None:
    """When an event begins; a day without a time begins at midnight in UTC."""
    try:
        return as_utc(datetime.fromisoformat(event_date.strip()))
    except (ValueError, OverflowError):
        return None
