"""Samples of what the cluster did, once a minute, for history."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import psycopg2
from psycopg2.extras import execute_values

from conscope_app.store.brief_reads import TooSlow
from conscope_app.store.engine import Connection, Database
from conscope_app.store.errors import is_cut_off, reason_of
from conscope_app.store.sources.standings import PolledSource


class Sample(NamedTuple):
    """One number at one moment, with what tells it from others of its name."""

    name: str
    value: float
    labels: Mapping[str, str | int]


def samples_of(sources: Iterable[PolledSource]) -> list[Sample]:
    """How polled sources are doing, in numbers."""
    return [
        Sample(name, value, {"source": each.source})
        for each in sources
        for name, value in (
            ("source_is_healthy", int(each.health == "healthy")),
            ("source_requests_in_24_h", each.used),
            ("source_events_usual", each.usual),
            ("source_events_seen", each.seen),
            ("source_requests_refused", each.refused),
        )
    ]


async def keep_minute(
    database: Database,
    at: datetime,
    worker: str,
    samples: Sequence[Sample],
    read: Callable[[Connection], Iterable[Sample]],
) -> str | None:
    """Write a minute's samples with those that are to be `read`; why the latter are not there.

    None: they are. Raises where the database is away.
    """
    unread = None
    found: Iterable[Sample] = ()
    try:
        found = await database.run(read)
    except TooSlow as slow:
        unread = str(slow)
    except psycopg2.Error as error:
        if is_cut_off(error):
            raise
        unread = reason_of(error)
    await write_samples(database, at, worker, [*samples, *found])
    return unread


async def write_samples(
    database: Database, at: datetime, worker: str, samples: Sequence[Sample]
) -> None:
    """Write samples into `system_metrics`, all or none; raises where the database is away."""

    def write(connection: Connection) -> None:
        rows = [(at, worker, name, value, json.dumps(labels)) for name, value, labels in samples]
        with connection.cursor() as cursor:
            execute_values(
                cursor,
                "INSERT INTO system_metrics (at, worker, name, value, labels) VALUES %s",
                rows,
            )

    if samples:
        await database.run(write)
