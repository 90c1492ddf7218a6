"""Records, slabs and ledgers for the store's tests; full defaults, override what matters."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Self

import psycopg2

from conscope_app.core.clock import to_epoch_ms
from conscope_app.core.record import Record
from conscope_app.domains.tickets.records import PriceAlert, ProcessedPrice, encode
from conscope_app.store.engine import Database
from conscope_app.store.group_commit import GroupCommit
from conscope_app.store.sink import PostgresLedger
from conscope_app.store.tickets import HistoryRow, HistoryWriter
from conscope_app.store.url import connect_arguments

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GROUP = "conscope-history"
TOPIC = "processed_prices"
PARTITION = 3


@dataclass(frozen=True)
class ARecord:
    """A record as the consumer hands it over."""

    offset: int
    value: bytes | None
    topic: str = TOPIC
    partition: int = PARTITION
    timestamp: int = to_epoch_ms(AT)
    key: bytes | None = b"seat"
    headers: Sequence[tuple[str, bytes]] = ()


@dataclass(frozen=True)
class ASlab:
    """What a position needs of a slab."""

    start: int
    next_offset: int


def a_processed(offset: int = 0, **changes: Any) -> ProcessedPrice:
    """A drop from 120 to 100 of one seat."""
    fields = {
        "id": f"raw_prices-{PARTITION}-{offset}",
        "event_id": "evt-1",
        "event_name": "Radiohead",
        "venue": "Madison Square Garden",
        "event_date": "2026-12-24",
        "source": "seatgeek",
        "section": "102",
        "row": "B",
        "seat": "12",
        "price": Decimal("100.00"),
        "timestamp": AT,
        "kind": "drop",
        "old_price": Decimal("120.00"),
        "change": Decimal("-20.00"),
        "change_percent": Decimal("-16.6667"),
    }
    return ProcessedPrice(**{**fields, **changes})


def an_alert(offset: int = 0, **changes: Any) -> PriceAlert:
    """The alert of the same drop."""
    fields = {
        "id": f"raw_prices-{PARTITION}-{offset}",
        "event_id": "evt-1",
        "event_name": "Radiohead",
        "venue": "Madison Square Garden",
        "event_date": "2026-12-24",
        "source": "seatgeek",
        "section": "102",
        "row": "B",
        "seat": "12",
        "price": Decimal("100.00"),
        "timestamp": AT,
        "old_price": Decimal("120.00"),
        "new_price": Decimal("100.00"),
        "drop_amount": Decimal("20.00"),
        "drop_percent": Decimal("16.6667"),
        "alert_timestamp": AT,
    }
    return PriceAlert(**{**fields, **changes})


def a_record(record: ProcessedPrice | PriceAlert, offset: int = 0) -> ARecord:
    """The record on its topic."""
    return ARecord(offset, encode(record))


def records(start: int, end: int) -> list[ARecord]:
    """One drop for each offset."""
    return [a_record(a_processed(offset), offset) for offset in range(start, end)]


@dataclass
class Refusals:
    """Takes refused records, as the dead letters do."""

    taken: list[tuple[Record, Exception]] = field(default_factory=list)

    async def __call__(self, record: Record, error: Exception) -> None:
        self.taken.append((record, error))

    @property
    def offsets(self) -> list[int]:
        return [record.offset for record, _ in self.taken]


def a_ledger(
    database: Database, refuse: Refusals | None = None, **changes: Any
) -> PostgresLedger[HistoryRow]:
    """A ledger of the history, of one partition, which commits as the agents' do."""
    arguments = {
        "group": GROUP,
        "topic": TOPIC,
        "partition": PARTITION,
        "writer": HistoryWriter(),
        "refuse": refuse or Refusals(),
        **changes,
    }
    arguments.setdefault("together", GroupCommit(database, arguments["writer"]))
    return PostgresLedger(database, **arguments)


class Tables:
    """The tables on a connection of the test's own; each statement is a transaction."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(**connect_arguments(url, "tests"))
        self._connection.autocommit = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement; its rows, where it has any."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    async def until(self, statement: str, *values: Any, rows: int) -> None:
        """Return when the statement, asked again and again, finds so many rows."""
        while len(self.run(statement, *values)) != rows:  # noqa: ASYNC110 Postgres tells nobody
            await asyncio.sleep(0)

    def offsets(self) -> list[int]:
        """Which records are in the history, in order, each as often as it is there."""
        rows = self.run("SELECT raw_offset FROM price_history ORDER BY raw_offset")
        return [offset for (offset,) in rows]

    def position(self) -> int | None:
        """Where the ledger of the tests stands."""
        next_offset, _ = self._position()
        return next_offset

    def skipped(self) -> int:
        """Over how many offsets it jumped."""
        _, skipped = self._position()
        return skipped

    def _position(self) -> tuple[int | None, int]:
        rows = self.run(
            "SELECT next_offset, skipped FROM sink_positions"
            " WHERE consumer_group = %s AND topic = %s AND partition = %s",
            GROUP,
            TOPIC,
            PARTITION,
        )
        return (rows[0][0], rows[0][1]) if rows else (None, 0)
