"""The newest price of each seat, as the history knows it."""

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg2

from conscope_app.domains.tickets.pricing import LastSeen
from conscope_app.domains.tickets.seat_key import seat_key
from conscope_app.store.tickets.identity import listing_of
from conscope_app.store.url import connect_arguments

_ROWS_AT_ONCE = 5_000

# One that was late when it came never was the newest. The row's digits are those that came.
_SEAT = 'event_id, source, section, "row", seat, listing'
_NEWEST = f"""
SELECT DISTINCT ON ({_SEAT}) {_SEAT}, price, currency, observed_at
FROM (SELECT *, {listing_of()} AS listing FROM {{table}} WHERE kind <> 'late' AND {{where}}) AS h
ORDER BY {_SEAT}, recorded_at DESC, raw_offset DESC
"""  # noqa: S608 the names are written out above

Prices = Iterator[Sequence[tuple[bytes, LastSeen]]]


def newest_of_archive(url: str, schema: str) -> Prices:
    """Every seat of an archive, by seat key, some thousands at once."""
    return _newest(url, _NEWEST.format(table=f"{schema}.price_history", where="true"), ())


def newest_before(url: str, partition: int, raw_offset: int) -> Prices:
    """Every seat that was seen in a raw partition before an offset, as it stood there."""
    where = "raw_partition = %s AND raw_offset < %s"
    return _newest(url, _NEWEST.format(table="price_history", where=where), (partition, raw_offset))


def _newest(url: str, query: str, values: Sequence[Any]) -> Prices:
    connection = psycopg2.connect(**connect_arguments(url, statements=False))
    try:
        with connection.cursor("newest_prices") as cursor:
            cursor.itersize = _ROWS_AT_ONCE
            cursor.execute(query, values)
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                yield [(seat_key(*row[:6]), LastSeen(*row[6:])) for row in rows]
    finally:
        connection.close()
