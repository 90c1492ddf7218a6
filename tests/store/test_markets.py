"""Market snapshots become rows: all of them, the newest, what changed, events without prices."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from conscope_app.core.refusal import Reason, Refused
from conscope_app.domains.tickets.processed_market import (
    Because,
    Change,
    ChangeKind,
    encode_processed_market,
)
from conscope_app.store.engine import Database
from conscope_app.store.tickets import market_days, translate_processed
from conscope_app.store.tickets.market_rows import MarketRow, translate_markets
from tests.store.ledgers import (
    AT,
    PARTITION,
    ARecord,
    ASlab,
    Tables,
    a_ledger,
    a_processed,
    a_record,
)
from tests.store.snapshots import MINUTE, a_market, records_of, store

MIGRATION = Path(market_days.__file__).parents[1] / "migrations/versions/0015_market_days.py"
SOLD_OUT = Change(ChangeKind.SOLD_OUT, Because.LISTINGS, "available", "none_left")


async def store_price(database: Database, **fields: Any) -> None:
    price = a_record(a_processed(event_id="seatgeek-1", event_date="2027", **fields))
    ledger = a_ledger(database)
    start = await ledger.open() or 0
    await ledger.write(ASlab(start, start + 1), translate_processed([price]))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(None, Reason.NO_VALUE, id="nothing"),
        pytest.param(b"[]", Reason.WRONG_TYPE, id="another shape"),
        pytest.param(
            encode_processed_market(a_market(id="raw_prices-0-1")),
            Reason.WRONG_TYPE,
            id="a price's id",
        ),
        pytest.param(
            encode_processed_market(a_market(observed_at=datetime(1, 1, 1, tzinfo=UTC))),
            Reason.BAD_TIMESTAMP,
            id="the year 1",
        ),
    ],
)
def test_what_no_row_can_hold_is_refused_in_its_place(value: bytes | None, reason: Reason) -> None:
    """Its neighbour is a row."""
    refused, row = (
        each.row for each in translate_markets([ARecord(0, value), *records_of(a_market())])
    )

    assert isinstance(refused, Refused) and refused.reason == reason
    assert isinstance(row, MarketRow)


@pytest.mark.postgres
async def test_null_and_absent_are_told_apart(database: Database, tables: Tables) -> None:
    """In the history and of now: by the names of what the source spoke of."""
    await store(
        database,
        a_market(0, lowest=Decimal("12.50"), currency="USD", listing_count=3),
        a_market(1, lowest=None, availability=None),
        a_market(2),
    )

    history = "SELECT lowest, listing_count, availability, spoken FROM market_history"
    assert tables.run(f"{history} ORDER BY raw_offset") == [
        (Decimal("12.50"), 3, None, ["lowest", "listing_count"]),
        (None, None, None, ["lowest", "availability"]),
        (None, None, None, []),
    ]
    assert tables.run("SELECT lowest, spoken FROM market_now") == [(None, [])]


@pytest.mark.postgres
async def test_the_newest_of_each_source_holds_now(database: Database, tables: Tables) -> None:
    """Whatever order they come in; with its facts, however they are spelt."""
    name = 'A "Concert"\\\tof {1,NULL}'
    await store(
        database,
        a_market(2, name=name, url="https://a.example/1"),
        a_market(1, listing_count=5),
        a_market(3, source="other"),
    )
    await store(database, a_market(0))

    now = tables.run(
        "SELECT source, raw_offset, facts->>'name', facts->'venue'->>'name', facts->>'url'"
        " FROM market_now ORDER BY source"
    )
    assert now == [
        ("other", 3, "A Concert", "A Hall", None),
        ("seatgeek", 2, name, "A Hall", "https://a.example/1"),
    ]
    assert tables.run("SELECT count(*) FROM market_history") == [(4,)]


@pytest.mark.postgres
async def test_changes_are_kept_once(database: Database, tables: Tables) -> None:
    """However often their snapshot is written."""
    named = Change(ChangeKind.PRESALE_ANNOUNCED, Because.SAID, None, "2027-01-01", name="Fans")
    market = a_market(4, kind="changed", changes=(SOLD_OUT, named))

    await store(database, market)
    await store(database, market)

    assert tables.run("SELECT * FROM event_changes ORDER BY id") == [
        (
            f"market_snapshots-{PARTITION}-4-0",
            "seatgeek-1",
            "seatgeek",
            "sold_out",
            "listings",
            "available",
            "none_left",
            None,
            AT + 4 * MINUTE,
        ),
        (
            f"market_snapshots-{PARTITION}-4-1",
            "seatgeek-1",
            "seatgeek",
            "presale_announced",
            "said",
            None,
            "2027-01-01",
            "Fans",
            AT + 4 * MINUTE,
        ),
    ]
    assert tables.run("SELECT count(*) FROM market_history") == [(1,)]


@pytest.mark.postgres
async def test_days_have_the_lowest_of_each_figure_once(database: Database, tables: Tables) -> None:
    """However often and in whatever order their snapshots are written; each kind for itself."""
    fees: dict[str, Any] = {"currency": "USD", "basis": "all_in"}
    first = a_market(0, lowest=Decimal(60), median=Decimal(90), **fees)
    second = a_market(1, lowest=Decimal(55), median=None, **fees)
    none = a_market(2, lowest=None)
    late = a_market(3, lowest=Decimal(50), observed_at=AT - timedelta(hours=13), **fees)
    await store(database, second, none)
    await store(database, late, first)
    await store(database, first, second)

    days = "SELECT currency, basis, start_at, lowest, median, average, spoke_at"
    midnight = AT.replace(hour=0)
    yesterday = midnight - timedelta(days=1)
    assert tables.run(
        f"{days}, lowest_at, median_at FROM market_days ORDER BY currency, start_at"
    ) == [
        ("", "", midnight, None, None, None, AT + 2 * MINUTE, None, None),
        ("USD", "all_in", yesterday, 50, None, None, late.observed_at, late.observed_at, None),
        ("USD", "all_in", midnight, 55, 90, None, AT + MINUTE, AT + MINUTE, AT),
    ]


@pytest.mark.postgres
async def test_a_new_roll_up_is_made_of_the_history(database: Database, tables: Tables) -> None:
    """Migrating makes the days that the sink would have made."""
    fees: dict[str, Any] = {"currency": "USD", "basis": "all_in"}
    lows = (60, 55, None, 70)
    await store(
        database,
        *(
            a_market(400 * number, lowest=None if low is None else Decimal(low), **fees)
            for number, low in enumerate(lows)
        ),
    )
    kept = tables.run("SELECT * FROM market_days ORDER BY start_at")
    tables.run("DELETE FROM market_days")
    tables.run(run_path(str(MIGRATION))["STATEMENTS"][-1])

    assert len(kept) > 1
    assert tables.run("SELECT * FROM market_days ORDER BY start_at") == kept


@pytest.mark.postgres
async def test_an_event_without_a_price_is_described_by_its_newest_snapshot(
    database: Database, tables: Tables
) -> None:
    """Until a price comes, be it an older one; from then on snapshots change nothing."""
    events = "SELECT event_name, venue, event_date, is_priced, last_updated FROM events"
    await store(database, a_market(6, name="A Concert, sold out"), a_market(5))

    assert tables.run(events) == [
        ("A Concert, sold out", "A Hall", "2027-05-15T19:00", False, AT + 6 * MINUTE)
    ]
    await store_price(database, timestamp=AT)
    priced = [("Radiohead", "Madison Square Garden", "2027", True, AT)]
    assert tables.run(events) == priced
    await store(database, a_market(9))
    assert tables.run(events) == priced


@pytest.mark.postgres
async def test_what_postgres_refuses_is_one_dead_letter(database: Database, tables: Tables) -> None:
    """A key that fits no index; the snapshots beside it are rows."""
    letters = "".join(chr(0x4E00 + at) for at in range(512))

    refused = await store(
        database, a_market(0), a_market(1, event_id=letters, source=letters), a_market(2)
    )

    assert refused.offsets == [1]
    assert tables.run("SELECT raw_offset FROM market_history ORDER BY 1") == [(0,), (2,)]
