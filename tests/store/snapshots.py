"""Processed markets, and what writes them as the sink does."""

from datetime import timedelta
from typing import Any

from conscope_app.domains.tickets.market import EventFacts, Venue
from conscope_app.domains.tickets.processed_market import ProcessedMarket, encode_processed_market
from conscope_app.store.engine import Database
from conscope_app.store.sink import PostgresLedger
from conscope_app.store.tickets.market_rows import translate_markets
from conscope_app.store.tickets.markets import MarketWriter
from tests.store.ledgers import AT, PARTITION, ARecord, ASlab, Refusals

MINUTE = timedelta(minutes=1)


def a_market(offset: int = 0, **fields: Any) -> ProcessedMarket:
    """A snapshot that has not changed anything."""
    facts = {
        "name": "A Concert",
        "venue": Venue(name="A Hall"),
        "status": "on_sale",
        "local_date": "2027-05-15",
        "local_time": "19:00",
    }
    defaults = {
        "id": f"market_snapshots-{PARTITION}-{offset}",
        "event_id": "seatgeek-1",
        "source": "seatgeek",
        "observed_at": AT + offset * MINUTE,
        "kind": "same",
    }
    own = {name: fields.pop(name) for name in list(fields) if name in EventFacts.__struct_fields__}
    return ProcessedMarket(**{**defaults, **fields}, facts=EventFacts(**{**facts, **own}))


def records_of(*markets: ProcessedMarket) -> list[ARecord]:
    """The records of `processed_markets` that hold them."""
    return [
        ARecord(at, encode_processed_market(market), topic="processed_markets")
        for at, market in enumerate(markets)
    ]


async def store(database: Database, *markets: ProcessedMarket) -> Refusals:
    """Write them through a ledger of their own; what Postgres refused."""
    refused = Refusals()
    ledger = PostgresLedger(
        database,
        group="markets",
        topic="processed_markets",
        partition=PARTITION,
        writer=MarketWriter(),
        refuse=refused,
    )
    start = await ledger.open() or 0
    entries = translate_markets(records_of(*markets))
    await ledger.write(ASlab(start, start + len(markets)), entries)
    return refused
