"""What a list of events is to hold, and in which order: the question, and its conditions in SQL."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple, get_args

import msgspec
from psycopg2 import extensions

Sort = Literal["name", "venue", "date", "lowest", "change", "seats", "last_drop", "last_seen"]
Order = Literal["asc", "desc"]
SORTS: tuple[Sort, ...] = get_args(Sort)
ORDERS: tuple[Order, ...] = get_args(Order)

DROPPING_FOR = timedelta(minutes=10)  # so long after its last drop an event is "dropping now"


class Column(NamedTuple):
    """A column that lists are in the order of, as its index has it."""

    name: str
    type: str
    may_be_null: bool


COLUMNS: dict[Sort, Column] = {
    "name": Column("name_order", "text", may_be_null=False),
    "venue": Column("venue_order", "text", may_be_null=False),
    "date": Column("date_order", "text", may_be_null=True),
    "lowest": Column("lowest", "numeric", may_be_null=True),
    "change": Column("change_ratio", "numeric", may_be_null=True),
    "seats": Column("seats_on_sale", "bigint", may_be_null=False),
    "last_drop": Column("last_drop_at", "timestamptz", may_be_null=True),
    "last_seen": Column("last_seen_at", "timestamptz", may_be_null=False),
}


class Position(NamedTuple):
    """Behind which line a list goes on: its value in the order's column, and its `id`."""

    value: str | Decimal | int | datetime | None
    id: int


class Find(msgspec.Struct, frozen=True):
    """Which lines, in which order. What is null does not matter.

    `search` holds words of name and venue, `venue` of the venue alone, each by its beginning, and
    as any source calls it. Days are of the event's date as its source wrote it, both ends included;
    prices are the lowest.
    """

    search: str | None = None
    source: str | None = None
    venue: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    currency: str | None = None
    is_dropping: bool = False
    sort: Sort = "last_drop"
    order: Order = "desc"
    after: Position | None = None
    limit: int = 50


class Condition(NamedTuple):
    """A condition on a line `m`, and the values of its parameters."""

    sql: str
    values: tuple[Any, ...] = ()


# The words of a text as Postgres takes it apart, each as the beginning of a word: what `search` was
# made by, so that a name is found by itself, whatever it holds.
_BEGINNINGS = """
SELECT string_agg(
    '''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || ''':*', ' & ' ORDER BY lexeme
) FROM unnest(to_tsvector('simple', %s))
"""


# An event that is one with others is in the line of its group.
_LISTED = Condition("(m.group_id IS NULL OR m.members IS NOT NULL)")


def conditions(cursor: extensions.cursor, find: Find, now: datetime) -> list[Condition]:
    """All that a line has to meet; a search without a word is met by none."""
    return [_LISTED, *_of_words(cursor, find), *_of_facts(find), *_of_prices(find, now)]


def _of_words(cursor: extensions.cursor, find: Find) -> Iterator[Condition]:
    if find.search is not None:
        yield Condition("m.search @@ %s::tsquery", (_beginnings(cursor, find.search),))
    if find.venue is not None:
        words = _beginnings(cursor, find.venue)
        # The first is in an index and holds the second's answer.
        venues = "to_tsvector('simple', m.venue || ' ' || m.other_venues)"
        both = f"m.search @@ %s::tsquery AND {venues} @@ %s::tsquery"
        yield Condition(both, (words, words))


def _beginnings(cursor: extensions.cursor, text: str) -> str | None:
    cursor.execute(_BEGINNINGS, (text,))
    words: str | None = cursor.fetchall()[0][0]
    return words


def _of_facts(find: Find) -> Iterator[Condition]:
    if find.source is not None:
        yield Condition("m.sources @> ARRAY[%s::text]", (find.source,))
    # Dates are text that begins with the day; `date_order` sorts alike.
    if find.date_from is not None:
        yield Condition("m.date_order >= %s", (find.date_from.isoformat(),))
    if find.date_to is not None:
        # A tilde is behind whatever a day is followed by: a time, a zone, nothing.
        yield Condition("m.date_order < %s", (f"{find.date_to.isoformat()}~",))
    if find.currency is not None:
        yield Condition("m.currency = %s", (find.currency,))


def _of_prices(find: Find, now: datetime) -> Iterator[Condition]:
    if find.price_from is not None:
        yield Condition("m.lowest >= %s", (find.price_from,))
    if find.price_to is not None:
        yield Condition("m.lowest <= %s", (find.price_to,))
    if find.is_dropping:
        yield Condition("m.last_drop_at > %s", (now - DROPPING_FOR,))
