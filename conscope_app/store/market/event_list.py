"""The list of events: searched, filtered, in any order, and gone on with behind any line.

A line is an event in one currency, however many ids it is known under. Lines whose value is not
known come last in either direction. Every page is read by the index of its order, from where the
last one ended.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from psycopg2 import extensions

from conscope_app.domains.tickets.market import Availability, PriceBasis, Status
from conscope_app.store.brief_reads import briefly
from conscope_app.store.market.event_list_find import COLUMNS, Condition, Find, Position, conditions
from conscope_app.store.market.event_list_trends import Hour, read_trends

# Counting goes through what it counts: beyond this nobody needs to know it exactly.
COUNTED_UP_TO = 1_000


class Said(msgspec.Struct, frozen=True):
    """What a source says of an event as a whole; nulls are not said.

    Of several sources it is the one whose lowest price the line has, or else that which spoke last.
    `basis` is what its prices hold.
    """

    status: Status | None
    availability: Availability | None
    on_sale_at: datetime | None
    basis: PriceBasis | None


class Line(msgspec.Struct, frozen=True):
    """An event in one currency. Prices are those of the seats on sale, null where there are none.

    `change_ratio` is of `lowest` since a day ago, -0.1 being ten percent cheaper; null where
    nothing is known of then. `currencies` are all that the event is sold in. `trend` holds the
    hours of the last day in which a price was seen.

    `of_snapshots`: no single seats are known, and the prices are the sums of the cheapest of its
    sources; `currency` is null where none names one. `said` is what they say beside prices.

    `members` are all ids that it is known under, its own first. Of several, `lowest` and `highest`
    are of all, and so are sources, trend and moments. Seats and their median are those of the id
    that has most on sale, `drops` of the one that has most: two sources may offer the same seats.
    Of sums all prices are those of the cheapest.
    """

    event_id: str
    currency: str | None
    event_name: str
    venue: str
    event_date: str | None
    sources: list[str]
    seats_seen: int
    seats_on_sale: int
    lowest: Decimal | None
    median: Decimal | None
    highest: Decimal | None
    lowest_day_ago: Decimal | None
    change_ratio: Decimal | None
    drops: int
    last_drop_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    of_snapshots: bool
    said: Said | None
    members: list[str]
    currencies: list[str]
    trend: list[Hour] = []


class EventList(msgspec.Struct, frozen=True):
    """Some lines; `next` goes on behind them. There are more than `total` if that is not exact.

    `refreshed_at` is when any line was brought up to date last; null: there is none at all.
    """

    lines: list[Line]
    next: Position | None
    total: int
    is_total_exact: bool
    refreshed_at: datetime | None


# The others are put together.
_READ = Line.__struct_fields__[2:-4]
_COLUMNS = f"m.event_id, nullif(m.currency, ''), {', '.join(f'm.{name}' for name in _READ)}"
_MEMBERS = "coalesce(m.members, ARRAY[m.event_id])"
_SAID = f"""
LEFT JOIN LATERAL (
    SELECT n.status, n.availability, n.facts ->> 'on_sale_at' AS on_sale_at, n.basis
    FROM market_now AS n WHERE n.event_id = ANY({_MEMBERS})
    ORDER BY (n.currency = m.currency AND n.lowest = m.lowest) IS TRUE DESC, n.observed_at DESC,
        n.source
    LIMIT 1
) AS s ON true
"""  # noqa: S608 the names are written out above
_SAID_COLUMNS = "s.status, s.availability, s.on_sale_at::timestamptz, s.basis, s IS NULL"
# As the sink keeps them, a handful of currencies at most.
_CURRENCIES = """
ARRAY(
    SELECT o.currency FROM event_markets AS o
    WHERE m.group_id IS NULL AND o.event_id = m.event_id AND o.members IS NULL AND o.currency <> ''
    UNION ALL
    SELECT o.currency FROM event_markets AS o
    WHERE o.group_id = m.group_id AND o.members IS NOT NULL AND o.currency <> ''
    ORDER BY 1
)
"""
_REFRESHED_AT = "SELECT refreshed_at FROM event_markets ORDER BY refreshed_at DESC LIMIT 1"


def read_events(connection: extensions.connection, find: Find, now: datetime) -> EventList:
    """The lines that `find` asks for, as of one moment; may raise TooSlow."""
    with briefly(connection) as cursor:
        met = conditions(cursor, find, now)
        rows = _rows(cursor, find, met)
        shown = rows[: find.limit]
        lines = [_line(row[:-2]) for row in shown]
        trends = read_trends(cursor, [(each.members, each.currency) for each in lines], now)
        total = _total(cursor, find, met)
        cursor.execute(_REFRESHED_AT)
        newest = cursor.fetchall()
    return EventList(
        lines=[
            msgspec.structs.replace(line, trend=trend)
            for line, trend in zip(lines, trends, strict=True)
        ],
        next=Position(*shown[-1][-2:]) if len(rows) > len(shown) else None,
        total=min(total, COUNTED_UP_TO),
        is_total_exact=total <= COUNTED_UP_TO,
        refreshed_at=newest[0][0] if newest else None,
    )


def _line(row: Sequence[Any]) -> Line:
    *fields, status, availability, on_sale_at, basis, is_silent, members, currencies = row
    said = None if is_silent else Said(status, availability, on_sale_at, basis)
    return Line(*(*fields, said, members, currencies))


def _rows(cursor: extensions.cursor, find: Find, met: Sequence[Condition]) -> list[tuple[Any, ...]]:
    """One more than asked for, where there are more."""
    rows: list[tuple[Any, ...]] = []
    for part in _parts(find):
        left = find.limit + 1 - len(rows)
        if left > 0:
            cursor.execute(*query(find, [*met, part], left))
            rows += cursor.fetchall()
    return rows


def _parts(find: Find) -> Iterator[Condition]:
    """The lines with a value and those without: an index has them in this order one way only."""
    column, after = COLUMNS[find.sort], find.after
    beyond = ">" if find.order == "asc" else "<"
    if after is None:
        yield Condition(f"m.{column.name} IS NOT NULL")
    elif after.value is not None:
        behind = f"(m.{column.name}, m.id) {beyond} (%s::{column.type}, %s::bigint)"
        yield Condition(behind, after)
    if column.may_be_null:
        unknown = f"m.{column.name} IS NULL"
        if after is not None and after.value is None:
            yield Condition(f"{unknown} AND m.id {beyond} %s::bigint", (after.id,))
        else:
            yield Condition(unknown)


def query(find: Find, met: Sequence[Condition], limit: int) -> tuple[str, list[Any]]:
    """The statement that reads lines in their order, and its values."""
    where, values = _all_of(met)
    column = COLUMNS[find.sort].name
    statement = (
        f"SELECT {_COLUMNS}, {_SAID_COLUMNS}, {_MEMBERS}, {_CURRENCIES}, m.{column}, m.id "  # noqa: S608 names of our own
        f"FROM event_markets AS m {_SAID} WHERE {where} "
        f"ORDER BY m.{column} {find.order}, m.id {find.order} LIMIT %s"
    )
    return statement, [*values, limit]


def _total(cursor: extensions.cursor, find: Find, met: Sequence[Condition]) -> int:
    """How many there are, and one more than is counted where there are more."""
    cursor.execute(*count_query(find, met))
    total: int = cursor.fetchall()[0][0]
    return total


def count_query(find: Find, met: Sequence[Condition]) -> tuple[str, list[Any]]:
    """The statement that counts lines, and its values."""
    where, values = _all_of(met)
    # In the list's order, since no other index serves every condition.
    counted = (
        f"SELECT FROM event_markets AS m WHERE {where} "
        f"ORDER BY m.{COLUMNS[find.sort].name} LIMIT %s"
    )
    return f"SELECT count(*) FROM ({counted}) AS found", [*values, COUNTED_UP_TO + 1]  # noqa: S608 the same


def _all_of(met: Sequence[Condition]) -> tuple[str, list[Any]]:
    where = " AND ".join(each.sql for each in met) or "true"
    return where, [value for each in met for value in each.values]
