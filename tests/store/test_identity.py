"""What makes a seat, in SQL: what it is in Python."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from conscope_app.domains.tickets.seat_key import SAYS_NOTHING, parse_seat_key, seat_key
from conscope_app.store.engine import Database
from conscope_app.store.market.roll_ups import RollUps
from conscope_app.store.tickets import translate_processed
from conscope_app.store.tickets.facts import facts_of
from conscope_app.store.tickets.identity import listing_of
from conscope_app.store.tickets.newest import newest_before
from conscope_app.store.watches.history import Span, newest_signals, prices_in_order
from tests.store.ledgers import AT, PARTITION, ASlab, Tables, a_ledger, a_processed, a_record
from tests.store.test_facts import an_entry

pytestmark = pytest.mark.postgres

SPAN = Span(None, datetime.min.replace(tzinfo=AT.tzinfo), datetime.max.replace(tzinfo=AT.tzinfo))
FIRST = {"seat": "GA", "listing_id": "l-1", "price": Decimal(150)}
SECOND = {"seat": "GA", "listing_id": "l-2", "price": Decimal(100)}
SEATED = {"seat": "12", "listing_id": "l-3", "price": Decimal(80)}


async def store(database: Database, *prices: dict[str, Any]) -> None:
    """Write processed prices as the sink does, one an offset and a second."""
    ledger = a_ledger(database)
    await ledger.open()
    records = [
        a_record(a_processed(at, **{"timestamp": AT + timedelta(seconds=at), **price}), at)
        for at, price in enumerate(prices)
    ]
    await ledger.write(ASlab(0, len(records)), translate_processed(records))


def key_of(price: dict[str, Any], listing_id: str | None = None) -> bytes:
    return seat_key("evt-1", "seatgeek", "102", "B", price["seat"], listing_id)


def test_the_same_words_say_nothing(tables: Tables) -> None:
    """In any case, with spaces; and what only looks like one of them says something."""
    near = ("8", "GA 8", "ga\u00a0", "un\u212anown", "\u017fro", "İ")
    seats = [
        form for word in (*SAYS_NOTHING, *near) for form in (word, f" {word.upper()} ", f"{word}x")
    ]
    listings = [None, "", "l-1", " n/A", "un\u212anown"]
    rows = tables.run(
        f"""
        SELECT seat, listing_id, {listing_of()}
        FROM unnest(%s::text[]) AS seat CROSS JOIN unnest(%s::text[]) AS listing_id
        """,
        seats,
        listings,
    )

    assert len(rows) == len(seats) * len(listings)
    for seat, listing_id, found in rows:
        key = seat_key("e", "s", "a", "r", seat, listing_id)
        assert (found or "") == parse_seat_key(key).listing_id, (seat, listing_id)


async def test_each_listing_of_general_admission_is_an_item(
    database: Database, tables: Tables, store_url: str
) -> None:
    """In the roll-ups, in the newest prices, and in what watches are told of the history."""
    await store(database, FIRST, SECOND, SEATED, {**FIRST, "price": Decimal(140)})

    roll_ups = RollUps(database, partitions=PARTITION + 1, clock=lambda: AT)
    assert await roll_ups.fold() == 4
    assert tables.run("SELECT seat, price FROM seats ORDER BY price") == [
        ("12", Decimal(80)),
        ("GA", Decimal(100)),
        ("GA", Decimal(140)),
    ]

    expected = {
        key_of(FIRST, "l-1"): Decimal(140),
        key_of(SECOND, "l-2"): Decimal(100),
        key_of(SEATED): Decimal(80),
    }
    newest = {
        key: last.price for page in newest_before(store_url, PARTITION, 9) for key, last in page
    }
    assert newest == expected
    signals = await database.run(lambda connection: newest_signals(connection, SPAN))
    assert {signal.item.encode() for signal in signals} == expected.keys()
    told = await database.run(lambda connection: [*prices_in_order(connection, SPAN)])
    assert len(told) == 4


async def test_the_link_is_that_of_the_listing(database: Database) -> None:
    """And not that of the listing beside it, which was seen later."""
    link = "https://tickets.example.com/listing/{}"
    await store(
        database,
        {**FIRST, "listing_url": link.format(1)},
        {**SECOND, "listing_url": link.format(2)},
    )
    entry = msgspec.structs.replace(an_entry(), items=(key_of(FIRST, "l-1").decode(),))

    facts = await database.run(lambda connection: facts_of(connection, [entry]))

    assert facts["e1"]["url"] == link.format(1)
