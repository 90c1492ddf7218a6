"""Sending the rows of a file, in its order or sorted by time."""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import islice

from conscope_app.sources.base import Outgoing, Publishing
from conscope_app.sources.files.plan import Ready, RefusedRow
from conscope_app.sources.files.refusals import Refusals

ROWS_A_CALL = 1_000


def sifted(items: Iterable[Ready | RefusedRow], refusals: Refusals) -> Iterator[Ready]:
    """The rows that can be sent; the others are added to `refusals` as they come by."""
    for item in items:
        if isinstance(item, Ready):
            yield item
        else:
            refusals.add(item)


def by_time(rows: Iterable[Ready]) -> Iterator[Outgoing]:
    """The rows by ascending timestamp, equal ones in file order; holds all of them in memory."""
    held = [(row.event.timestamp, row.outgoing) for row in rows]
    held.sort(key=lambda pair: pair[0])
    return (outgoing for _, outgoing in held)


def in_file_order(rows: Iterable[Ready]) -> Iterator[Outgoing]:
    """The rows as they come."""
    return (row.outgoing for row in rows)


async def send(records: Iterator[Outgoing], publisher: Publishing, stop: asyncio.Event) -> int:
    """Publish until the records are over or `stop` is set; on return all are acknowledged."""
    sent = 0
    while not stop.is_set():
        chunk = list(islice(records, ROWS_A_CALL))
        if not chunk:
            break
        await publisher.publish(chunk)
        sent += len(chunk)
    await publisher.flush()
    return sent
