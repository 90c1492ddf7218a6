"""The seats of an event: those on sale, and those that are gone, in an order that goes on."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import msgspec
from psycopg2 import extensions

from conscope_app.domains.tickets.seating.orders import place_of_row, place_of_section
from conscope_app.domains.tickets.seating.sections import section_of
from conscope_app.store.market.on_sale import ON_SALE

State = Literal["on_sale", "gone"]
Sort = Literal["price", "-price", "change", "-change", "newest", "oldest", "section", "gone"]

_SEATS = """
FROM seats s
JOIN event_sources f ON f.event_id = s.event_id AND f.source = s.source
"""
_EVENT = "WHERE s.event_id = %(event_id)s AND s.currency = %(currency)s"
OF_EVENT = f"{_SEATS} {_EVENT}"
ON_SALE_OF_EVENT = f"{OF_EVENT} AND {ON_SALE}"

# What a price has become of the first one; rounded, as a cursor that holds it has to be.
CHANGE = "coalesce(round(s.price / nullif(s.first_price, 0), 6), 1)"


class _Order(NamedTuple):
    """What a list is in the order of, its type, and whether the largest come first."""

    expression: str
    type: str
    is_falling: bool = False


_ORDERS: dict[Sort, _Order] = {
    "price": _Order("s.price", "numeric"),
    "-price": _Order("s.price", "numeric", is_falling=True),
    "change": _Order(CHANGE, "numeric"),
    "-change": _Order(CHANGE, "numeric", is_falling=True),
    "newest": _Order("s.first_seen_at", "timestamptz", is_falling=True),
    "oldest": _Order("s.first_seen_at", "timestamptz"),
    "section": _Order('(in_house.place || in_section.place) COLLATE "C"', "text"),
    "gone": _Order("s.last_seen_at", "timestamptz", is_falling=True),
}

_NARROWED = """
    AND (%(sections)s::text[] IS NULL OR s.section = ANY(%(sections)s))
    AND (%(source)s::text IS NULL OR s.source = %(source)s)
    AND (%(at_least)s::numeric IS NULL OR s.price >= %(at_least)s)
    AND (%(at_most)s::numeric IS NULL OR s.price <= %(at_most)s)
"""

_COLUMNS = """
    s.source, s.section, s."row", s.seat, s.currency, s.price, s.total_price, s.quantity,
    s.listing_url, s.previous_price, s.moved_at, s.first_price, s.first_seen_at, s.lowest,
    s.highest, s.drops, s.last_seen_at
"""

_OF_KEYS = """
FROM unnest(%(keys)s::bytea[]) WITH ORDINALITY AS wanted (key, place) JOIN seats s USING (key)
ORDER BY wanted.place
"""


# Where an event's sections and rows are, as the pages have it: names have other orders.
_PLACES = """
JOIN unnest(%(sections_here)s::text[], %(sections_at)s::text[]) AS in_house (section, place)
    ON in_house.section = s.section
JOIN unnest(%(rows_here)s::text[], %(rows_at)s::text[]) AS in_section ("row", place)
    ON in_section."row" = s."row"
"""
_NAMES = """
SELECT DISTINCT s.section, s."row", coalesce(e.venue, '')
FROM seats s LEFT JOIN events e USING (event_id) WHERE s.event_id = %(event_id)s
"""
_SECTIONS = """
SELECT DISTINCT s.section, coalesce(e.venue, '')
FROM seats s LEFT JOIN events e USING (event_id) WHERE s.event_id = %(event_id)s
"""


class SeatRow(msgspec.Struct, frozen=True):
    """A seat as its source saw it last; `first_price` is the first one in this currency."""

    source: str
    section: str
    row: str
    seat: str
    currency: str
    price: Decimal
    total_price: Decimal | None
    quantity: int | None
    listing_url: str | None
    previous_price: Decimal | None
    moved_at: datetime | None
    first_price: Decimal
    first_seen_at: datetime
    lowest: Decimal
    highest: Decimal
    drops: int
    last_seen_at: datetime


class Position(NamedTuple):
    """Where a list goes on: behind the seat that has this key, and this in the list's order."""

    value: str
    key: bytes


class SeatFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which seats of an event, in one currency; what is left out takes them all.

    A section is meant however its sources spell it.
    """

    event_id: str
    currency: str
    state: State = "on_sale"
    section: str | None = None
    source: str | None = None
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    sort: Sort = "price"
    after: Position | None = None
    limit: int = 50


class SeatPage(NamedTuple):
    """Some seats, and where they go on, if they do."""

    seats: list[SeatRow]
    next: Position | None


def type_of_order(sort: Sort) -> str:
    """Of which type the value of a position is: numeric, timestamptz or text."""
    return _ORDERS[sort].type


def read_seats(cursor: extensions.cursor, asked: SeatFilter) -> SeatPage:
    """A page of the seats."""
    values = {**_values(cursor, asked), "limit": asked.limit + 1}
    cursor.execute(_select(asked, _selected(asked)), values)
    return _page(cursor.fetchall(), asked.limit)


def _selected(asked: SeatFilter) -> str:
    return f"{_COLUMNS}, {_ORDERS[asked.sort].expression}, s.key"


def _page(rows: Sequence[tuple[Any, ...]], limit: int) -> SeatPage:
    shown = rows[:limit]
    seats = [SeatRow(*row[:-2]) for row in shown]
    following = _position(*shown[-1][-2:]) if len(rows) > len(shown) else None
    return SeatPage(seats, following)


def _position(value: Decimal | datetime | str, key: memoryview) -> Position:
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return Position(text, bytes(key))


def read_keys(cursor: extensions.cursor, asked: SeatFilter) -> list[bytes]:
    """The keys of the seats, of at most `limit`: so a long list can be read in parts."""
    cursor.execute(_select(asked, "s.key"), {**_values(cursor, asked), "limit": asked.limit})
    return [bytes(key) for (key,) in cursor.fetchall()]


def read_by_keys(cursor: extensions.cursor, keys: Sequence[bytes]) -> list[SeatRow]:
    """These seats in the order of the keys, those that there still are."""
    cursor.execute(f"SELECT {_COLUMNS} {_OF_KEYS}", {"keys": list(keys)})
    return [SeatRow(*row) for row in cursor.fetchall()]


def read_first(cursor: extensions.cursor, asked: SeatFilter, keys: Sequence[bytes]) -> SeatPage:
    """The page of which somebody knows the keys already: those of the first seats, in its order.

    One more than it shows, where the list goes on. Not by section: that order asks for names first.
    """
    wanted = {"keys": list(keys[: asked.limit + 1])}
    cursor.execute(f"SELECT {_selected(asked)} {_OF_KEYS}", wanted)
    return _page(cursor.fetchall(), asked.limit)


def _select(asked: SeatFilter, columns: str) -> str:
    """The expressions are those of `_ORDERS`; all that was asked goes as values."""
    order = _ORDERS[asked.sort]
    direction, beyond = ("DESC", "<") if order.is_falling else ("ASC", ">")
    places = _PLACES if asked.sort == "section" else ""
    state = ON_SALE if asked.state == "on_sale" else f"NOT {ON_SALE}"
    behind = ""
    if asked.after is not None:
        behind = f"AND ({order.expression}, s.key) {beyond} (%(value)s::{order.type}, %(key)s)"
    return f"""
        SELECT {columns} {_SEATS} {places} {_EVENT} AND {state} {_NARROWED} {behind}
        ORDER BY {order.expression} {direction}, s.key {direction}
        LIMIT %(limit)s
    """


def _values(cursor: extensions.cursor, asked: SeatFilter) -> dict[str, Any]:
    after = asked.after
    position = {} if after is None else {"value": after.value, "key": after.key}
    sections = None if asked.section is None else _spellings(cursor, asked.event_id, asked.section)
    places = _places(cursor, asked.event_id) if asked.sort == "section" else {}
    return {**msgspec.structs.asdict(asked), **position, **places, "sections": sections}


def _places(cursor: extensions.cursor, event_id: str) -> dict[str, list[str]]:
    """Where the sections and rows of an event are, in the one moment that the transaction sees."""
    cursor.execute(_NAMES, {"event_id": event_id})
    found = cursor.fetchall()
    sections = {section: place_of_section(section, venue) for section, _, venue in found}
    rows = {row: place_of_row(row, venue) for _, row, venue in found}
    return {
        "sections_here": [*sections],
        "sections_at": [*sections.values()],
        "rows_here": [*rows],
        "rows_at": [*rows.values()],
    }


def _spellings(cursor: extensions.cursor, event_id: str, section: str) -> list[str]:
    """As what an event's sources sell this section."""
    cursor.execute(_SECTIONS, {"event_id": event_id})
    return [
        each
        for each, venue in cursor.fetchall()
        if section_of(each, venue) == section_of(section, venue)
    ]
