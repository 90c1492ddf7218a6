"""Read the audited tables, a few thousand rows at a time, whatever their size."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, Table, create_engine, func, or_, select
from sqlalchemy.engine import Engine

from conscope_app.audit.places import Place
from conscope_app.store.schema import (
    event_changes,
    market_history,
    market_now,
    price_drop_alerts,
    price_history,
)
from conscope_app.store.url import parse_url

_ROWS_HELD = 2_000
_IDS_A_QUERY = 1_000
_CONNECT_WITHIN_S = 10

TABLES = {table.name: table for table in (price_history, price_drop_alerts, market_history)}


class FoundRow(NamedTuple):
    """A row: where its raw record stands, and its values in the order of the place's fields."""

    partition: int
    offset: int
    values: Sequence[Any]


def connect(database_url: str) -> Engine:
    """An engine that reads; nothing is opened before it is used."""
    return create_engine(
        parse_url(database_url),
        connect_args={"connect_timeout": _CONNECT_WITHIN_S},
        execution_options={"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
    )


def rows(engine: Engine, place: Place, partition: int, start: int, end: int) -> Iterator[FoundRow]:
    """All rows whose raw record stands in [start, end) of the partition."""
    table = TABLES[place.name]
    query = _select(table, place).where(
        table.c.raw_partition == partition,
        table.c.raw_offset >= start,
        table.c.raw_offset < end,
    )
    with engine.connect() as connection:
        yield from _found(connection, query)


def rows_at(
    engine: Engine, place: Place, partition: int, offsets: Sequence[int]
) -> Iterator[FoundRow]:
    """The rows of these raw records, as far as they are there."""
    table = TABLES[place.name]
    with engine.connect() as connection:
        for at in range(0, len(offsets), _IDS_A_QUERY):
            query = _select(table, place).where(
                table.c.raw_partition == partition,
                table.c.raw_offset.in_(offsets[at : at + _IDS_A_QUERY]),
            )
            yield from _found(connection, query)


def outermost_rows(engine: Engine, place: Place, partitions: int) -> list[tuple[int, int]]:
    """(partition, offset) of each partition's first and last row, and of some of no partition.

    Each is one look into the primary key, however long the history is.
    """
    table = TABLES[place.name]
    partition, offset = table.c.raw_partition, table.c.raw_offset
    found: set[tuple[int, int]] = set()
    with engine.connect() as connection:
        for each in range(partitions):
            ends = select(func.min(offset), func.max(offset)).where(partition == each)
            for end in connection.execute(ends).one():
                if end is not None:
                    found.add((each, end))
        nowhere = or_(partition < 0, partition >= partitions)
        strays = select(partition, offset).where(nowhere).limit(_IDS_A_QUERY)
        found.update((row[0], row[1]) for row in connection.execute(strays))
    return sorted(found)


def change_rows(engine: Engine, fields: Sequence[str]) -> Iterator[tuple[str, Sequence[Any]]]:
    """The id of each row of `event_changes`, with these fields of it."""
    with engine.connect() as connection:
        for found in _stream(connection, _select_changes(fields)):
            yield found[0], found[1:]


def change_rows_at(
    engine: Engine, fields: Sequence[str], ids: Sequence[str]
) -> Iterator[tuple[str, Sequence[Any]]]:
    """The same of these ids, as far as they are there."""
    with engine.connect() as connection:
        for at in range(0, len(ids), _IDS_A_QUERY):
            some = event_changes.c.id.in_(ids[at : at + _IDS_A_QUERY])
            for found in _stream(connection, _select_changes(fields).where(some)):
                yield found[0], found[1:]


def now_rows(engine: Engine, fields: Sequence[str]) -> Iterator[Sequence[Any]]:
    """These fields of each row of `market_now`."""
    query = select(*(market_now.c[name] for name in fields))
    with engine.connect() as connection:
        yield from _stream(connection, query)


def _select_changes(fields: Sequence[str]) -> Select[Any]:
    return select(event_changes.c.id, *(event_changes.c[name] for name in fields))


def _select(table: Table, place: Place) -> Select[Any]:
    # What the records call `timestamp`, the tables call `observed_at`.
    columns = ("observed_at" if name == "timestamp" else name for name in place.fields)
    return select(table.c.raw_partition, table.c.raw_offset, *(table.c[name] for name in columns))


def _found(connection: Connection, query: Select[Any]) -> Iterator[FoundRow]:
    for values in _stream(connection, query):
        yield FoundRow(values[0], values[1], values[2:])


def _stream(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    options = {"stream_results": True, "max_row_buffer": _ROWS_HELD}
    found: Iterator[Row[Any]] = iter(connection.execute(query, execution_options=options))
    return map(tuple, found)
