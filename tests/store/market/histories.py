"""Histories as detection and the sink leave them, made up by chance."""

from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zlib import crc32

from psycopg2.extras import execute_values

from conscope_app.domains.tickets.pricing import LastSeen, observe
from conscope_app.store.engine import Connection, Database
from conscope_app.store.partitions import MonthlyPartitions

NOW = datetime(2026, 11, 22, 12, 7, tzinfo=UTC)
PARTITIONS = 3

# What a row's text has to quote, and what looks like another row's.
EVENTS = ("evt-1", 'a,"b")(', "naïve \\ 'x' 🎟\u202e", "b" * 512)
SOURCES = ("seatgeek", "", "a,b")
SECTIONS = ("101", "", '1,"0"', "(101)")
CURRENCIES = ("USD", "EUR")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of `price_history`, as far as roll-ups read it."""

    raw_partition: int = 0
    raw_offset: int = 0
    observed_at: datetime = NOW
    recorded_at: datetime = NOW
    event_id: str = "evt-1"
    source: str = "seatgeek"
    section: str = "101"
    row: str = "B"
    seat: str = "12"
    price: Decimal = Decimal(100)
    total_price: Decimal | None = None
    currency: str = "USD"
    kind: str = "new"
    old_price: Decimal | None = None
    listing_url: str | None = None
    quantity: int | None = None

    @property
    def seat_of(self) -> tuple[str, ...]:
        """What makes two rows comparable."""
        return (self.event_id, self.source, self.section, self.row, self.seat)


def a_history(chance: Random, rows: int, *, days: float = 3) -> list[Row]:
    """So many rows, in the order of their offsets in each raw partition; some of them are late.

    They get their kinds from detection's own rules. Offsets have gaps, as those of refused records.
    """
    seen: dict[tuple[str, ...], LastSeen] = {}
    offsets = [chance.randrange(50) for _ in range(PARTITIONS)]
    history = []
    for place in range(rows):
        at = NOW - timedelta(days=days) * (1 - place / rows)
        at += timedelta(seconds=chance.choice((0, 0, 0, -3_600, -90_000)) * chance.random())
        row = Row(
            observed_at=at,
            event_id=chance.choice(EVENTS),
            source=chance.choice(SOURCES),
            section=chance.choice(SECTIONS),
            seat=str(chance.randrange(3)),
            price=_a_price(chance),
            total_price=chance.choice((None, _a_price(chance))),
            currency=CURRENCIES[chance.random() < 0.1],
            listing_url=chance.choice((None, "https://tickets.example/1")),
            quantity=chance.choice((None, 2, 2, 0)),
        )
        last = seen.get(row.seat_of)
        move = observe(row.price, row.currency, at, last)
        if move.kind != "late":
            seen[row.seat_of] = LastSeen(row.price, row.currency, at)
        elif chance.random() < 0.02:
            del seen[row.seat_of]  # as after a loss of the table
        partition = crc32(repr(row.seat_of).encode()) % PARTITIONS
        offsets[partition] += chance.choice((1, 1, 1, 2, 40))
        place_of = {"raw_partition": partition, "raw_offset": offsets[partition]}
        history.append(changed(row, kind=move.kind, old_price=move.old_price, **place_of))
    return history


def changed(row: Row, **changes: Any) -> Row:
    """The row with other values."""
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return Row(**{**values, **changes})


def _a_price(chance: Random) -> Decimal:
    if chance.random() < 0.02:
        return chance.choice((Decimal("0.01"), Decimal("1E+15"), Decimal("0.000000000000000001")))
    return Decimal(chance.randrange(4_000, 6_000)) / 100


async def store(database: Database, rows: list[Row]) -> None:
    """Write the rows, and their events, as the sink does."""

    def write(connection: Connection) -> None:
        MonthlyPartitions("price_history").ensure(connection, [row.observed_at for row in rows])
        columns = ", ".join(f'"{field.name}"' for field in fields(Row))
        with connection.cursor() as cursor:
            execute_values(
                cursor,
                f"INSERT INTO price_history ({columns}) VALUES %s",
                [astuple(row) for row in rows],
                page_size=1_000,
            )
            execute_values(
                cursor,
                "INSERT INTO events VALUES %s ON CONFLICT DO NOTHING",
                [
                    (each, f"Name of {each}"[:512], "A Hall", "2026-12-24", NOW, NOW)
                    for each in {row.event_id for row in rows}
                ],
            )

    await database.run(write)
