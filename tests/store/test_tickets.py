"""Records become rows: what is stored, what describes an event, who is told."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from conscope_app.core.clock import to_epoch_ms
from conscope_app.core.refusal import Reason, Refused
from conscope_app.domains.tickets.records import PriceAlert, ProcessedPrice, encode
from conscope_app.store.engine import Database
from conscope_app.store.sink import Entry, PostgresLedger
from conscope_app.store.tickets import (
    AlertRow,
    AlertWriter,
    HistoryRow,
    translate_alerts,
    translate_processed,
)
from conscope_app.store.tickets.lines import HISTORY_COLUMNS
from tests.native import KERNELS
from tests.store.ledgers import (
    AT,
    ARecord,
    ASlab,
    Tables,
    a_ledger,
    a_processed,
    a_record,
    an_alert,
)

postgres = pytest.mark.postgres
MINUTE = timedelta(minutes=1)


def raise_all(_: PriceAlert) -> str:
    """Somebody is told of every drop."""
    return "raised"


def rows_of(entries: Sequence[Entry[HistoryRow]]) -> list[HistoryRow]:
    """The rows, where none was refused."""
    return [entry.row for entry in entries if not isinstance(entry.row, Refused)]


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_row_holds_the_place_of_its_raw_record(kernel: Any) -> None:
    """Its identity, and three times: observed, recorded, and those of the record itself."""
    observed_at, recorded_at = AT + MINUTE, AT + 2 * MINUTE
    value = encode(a_processed(17, timestamp=observed_at))
    record = ARecord(99, value, timestamp=to_epoch_ms(recorded_at))

    (row,) = rows_of(translate_processed([record], kernel=kernel))

    place = ["3", "17", observed_at.isoformat(), recorded_at.isoformat()]
    assert row.line.split("\t")[:4] == place
    assert row.observed_at == observed_at


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("special", ["\\", "\t", "\n", "\r"])
def test_text_that_copy_would_misread_can_only_come_escaped(special: str, kernel: Any) -> None:
    """As itself it is no JSON: so a record without a backslash needs no look at its texts."""
    as_itself = encode(a_processed()).replace(b"Radiohead", f"Radio{special}head".encode())
    escaped = encode(a_processed(section=f"Radio{special}head"))

    entries = translate_processed([ARecord(0, as_itself), ARecord(1, escaped)], kernel=kernel)

    refused, row = (entry.row for entry in entries)

    assert isinstance(refused, Refused)
    assert refused.reason == Reason.NOT_JSON
    assert isinstance(row, HistoryRow)
    assert row.line.count("\t") == len(HISTORY_COLUMNS) - 1
    assert row.line.endswith("\n") and row.line.count("\n") == 1


def test_an_alert_of_no_moment_in_utc_is_refused() -> None:
    """Its own timestamp, too, has to be one that Postgres can hold."""
    before_year_1 = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=3)))

    (entry,) = translate_alerts([a_record(an_alert(alert_timestamp=before_year_1))], raise_all)

    assert isinstance(entry.row, Refused)
    assert entry.row.reason == Reason.BAD_TIMESTAMP


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(None, Reason.NO_VALUE, id="a tombstone"),
        pytest.param(b"", Reason.NO_VALUE, id="nothing"),
        pytest.param(b"{", Reason.NOT_JSON, id="half a record"),
        pytest.param(
            encode(a_processed()).replace(b"Radiohead", b"\xff\xfe"), Reason.NOT_TEXT, id="no UTF-8"
        ),
        pytest.param(b"[]", Reason.WRONG_TYPE, id="another shape"),
        pytest.param(b'{"x":' + b"[" * 100_000, Reason.NOT_JSON, id="too deep"),
        pytest.param(a_record(a_processed(id="")).value, Reason.WRONG_TYPE, id="an empty id"),
        pytest.param(a_record(a_processed(id="17")).value, Reason.WRONG_TYPE, id="no id"),
        pytest.param(
            a_record(a_processed(id="raw_prices-x-1")).value, Reason.WRONG_TYPE, id="half an id"
        ),
        pytest.param(
            a_record(a_processed(id="carts-0-1")).value, Reason.WRONG_TYPE, id="another topic's id"
        ),
        pytest.param(
            a_record(a_processed(timestamp=datetime(1, 1, 1, tzinfo=UTC))).value,
            Reason.BAD_TIMESTAMP,
            id="the year 1",
        ),
        pytest.param(
            a_record(
                a_processed(timestamp=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=3))))
            ).value,
            Reason.BAD_TIMESTAMP,
            id="before the year 1 in UTC",
        ),
    ],
)
def test_what_no_row_can_hold_is_refused_in_its_place(
    value: bytes | None, reason: Reason, kernel: Any
) -> None:
    """One bad record stops neither its neighbours nor the agent."""
    good = a_record(a_processed(1), 1)

    entries = translate_processed([ARecord(0, value), good], kernel=kernel)

    refused = entries[0].row
    assert isinstance(refused, Refused)
    assert refused.reason == reason
    assert isinstance(entries[1].row, HistoryRow)
    assert [entry.record.offset for entry in entries] == [0, 1]


def test_an_alert_carries_the_decision_made_of_it() -> None:
    """The decision is somebody else's; it is asked once for each alert."""
    alerts = [an_alert(0), an_alert(1, drop_percent=Decimal("0.5"))]

    def decide(alert: PriceAlert) -> str:
        return "raised" if alert.drop_percent >= 1 else "below_minimum_drop"

    entries = translate_alerts([a_record(alert, n) for n, alert in enumerate(alerts)], decide)

    decisions = [entry.row.decision for entry in entries if isinstance(entry.row, AlertRow)]
    assert decisions == ["raised", "below_minimum_drop"]


async def store(database: Database, *prices: ProcessedPrice) -> None:
    """Write processed prices as one batch."""
    ledger = a_ledger(database)
    start = await ledger.open() or 0
    batch = [a_record(price, start + n) for n, price in enumerate(prices)]
    await ledger.write(ASlab(start, start + len(batch)), translate_processed(batch))


@postgres
async def test_every_field_of_a_price_is_kept_exactly(database: Database, tables: Tables) -> None:
    """To the last digit, and hostile text to the last character."""
    exact = Decimal("123456789012345.123456789012345678")
    hostile = "Rob'); DROP TABLE events;--\t\\N 🎟️"
    await store(
        database,
        a_processed(
            5,
            price=exact,
            fees=Decimal("0.10"),
            total_price=exact,
            currency="USDT",
            kind="rise",
            listing_id=hostile,
            listing_url="https://example.com/?a=1&b=%20",
            quantity=4,
            delivery_method="",
            seller_notes=hostile,
            section=hostile,
        ),
    )

    (row,) = tables.run("SELECT * FROM price_history")

    assert row == (
        3,
        5,
        AT,
        AT,
        "evt-1",
        "seatgeek",
        hostile,
        "B",
        "12",
        exact,
        Decimal("0.10"),
        exact,
        "USDT",
        "rise",
        Decimal("120.00"),
        Decimal("-20.00"),
        Decimal("-16.6667"),
        hostile,
        "https://example.com/?a=1&b=%20",
        4,
        "",
        hostile,
    )


@postgres
async def test_what_is_missing_stays_missing(database: Database, tables: Tables) -> None:
    """Null is not an empty text and not zero."""
    await store(
        database,
        a_processed(kind="new", old_price=None, change=None, change_percent=None, quantity=None),
    )

    columns = "fees, old_price, change, listing_id, listing_url, quantity, seller_notes"
    assert tables.run(f"SELECT {columns} FROM price_history") == [(None,) * 7]


@postgres
@pytest.mark.parametrize(
    "moments",
    [
        pytest.param([0, 1, 2], id="in order"),
        pytest.param([2, 1, 0], id="backwards"),
        pytest.param([1, 2, 0], id="mixed"),
    ],
)
@pytest.mark.parametrize("batches", [pytest.param(1, id="together"), pytest.param(3, id="apart")])
async def test_an_event_is_described_by_its_newest_price(
    database: Database, tables: Tables, moments: list[int], batches: int
) -> None:
    """Whatever order the price events come in, and however they are batched."""
    prices = [
        a_processed(
            n, timestamp=AT + minute * MINUTE, event_name=f"name {minute}", venue=f"{minute}"
        )
        for n, minute in enumerate(moments)
    ]
    if batches == 1:
        await store(database, *prices)
    else:
        for price in prices:
            await store(database, price)

    assert tables.run("SELECT * FROM events") == [
        ("evt-1", "name 2", "2", "2026-12-24", AT, AT + 2 * MINUTE, True)
    ]


@postgres
async def test_events_that_two_batches_share_do_not_deadlock(
    database: Database, tables: Tables
) -> None:
    """Partitions know the same events, in any order."""

    async def own(partition: int) -> None:
        ledger = a_ledger(database, partition=partition)
        await ledger.open()
        for n in range(8):
            order = range(800) if partition % 2 else range(799, -1, -1)
            batch = [
                a_record(
                    a_processed(
                        id=f"raw_prices-{partition}-{n * 800 + event}",
                        event_id=f"evt-{event}",
                        timestamp=AT + (n * 4 + partition) * MINUTE,
                    )
                )
                for event in order
            ]
            await ledger.write(ASlab(n, n + 1), translate_processed(batch))

    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    before = tables.run(deadlocks)

    await asyncio.gather(*(own(partition) for partition in range(4)))

    assert tables.run("SELECT count(*) FROM events") == [(800,)]
    assert tables.run("SELECT count(*) FROM price_history") == [(4 * 8 * 800,)]
    assert tables.run(deadlocks) == before


def an_alert_ledger(database: Database, *channels: str) -> PostgresLedger[AlertRow]:
    """A ledger of the alerts."""
    ledger: PostgresLedger[AlertRow] = a_ledger(  # type: ignore[assignment]  # another writer
        database, writer=AlertWriter(channels), topic="price_alerts"
    )
    return ledger


DELIVERIES = "SELECT raw_offset, channel, event_id, status, attempts FROM deliveries ORDER BY id"


@postgres
async def test_an_alert_and_its_deliveries_are_stored_together(
    database: Database, tables: Tables
) -> None:
    """One delivery for each channel; the alert with all its fields."""
    ledger = an_alert_ledger(database, "discord", "console")
    await ledger.open()
    alert = an_alert(5, listing_url="https://example.com/5", alert_timestamp=AT + MINUTE)

    await ledger.write(ASlab(0, 1), translate_alerts([a_record(alert)], raise_all))

    (row,) = tables.run("SELECT * FROM price_drop_alerts")
    assert row[:-1] == (
        3,
        5,
        "raw_prices-3-5",
        "evt-1",
        "Radiohead",
        "Madison Square Garden",
        "2026-12-24",
        "seatgeek",
        "102",
        "B",
        "12",
        Decimal("120.00"),
        Decimal("100.00"),
        Decimal("20.00"),
        Decimal("16.6667"),
        "USD",
        "https://example.com/5",
        AT,
        AT + MINUTE,
        "raised",
    )
    assert tables.run(DELIVERIES) == [
        (5, "discord", "evt-1", "waiting", 0),
        (5, "console", "evt-1", "waiting", 0),
    ]


@postgres
async def test_an_alert_that_nobody_is_told_of_is_stored_all_the_same(
    database: Database, tables: Tables
) -> None:
    """With the reason, and without a delivery."""
    ledger = an_alert_ledger(database, "discord")
    await ledger.open()
    records = [a_record(an_alert(n), n) for n in range(2)]

    await ledger.write(ASlab(0, 2), translate_alerts(records, lambda _: "below_minimum_drop"))

    assert tables.run("SELECT DISTINCT decision FROM price_drop_alerts") == [
        ("below_minimum_drop",)
    ]
    assert tables.run(DELIVERIES) == []


@postgres
async def test_a_replay_tells_nobody_twice(database: Database, tables: Tables) -> None:
    """Even after its delivery was cleaned away, or if it was held back then and is not now."""
    records = [a_record(an_alert(n), n) for n in range(3)]
    decisions = iter(["raised", "below_minimum_drop", "raised"])
    for decide in (lambda _: next(decisions), raise_all):
        ledger = an_alert_ledger(database, "discord")
        await ledger.open()
        await ledger.write(ASlab(0, 3), translate_alerts(records, decide))
        told = tables.run("SELECT raw_offset FROM deliveries ORDER BY id")
        tables.run("DELETE FROM sink_positions")
        tables.run("DELETE FROM deliveries WHERE raw_offset = 0")

    assert told == [(2,)]
    assert tables.run("SELECT count(*) FROM price_drop_alerts") == [(3,)]


@postgres
async def test_an_alert_twice_in_one_batch_is_told_once(database: Database, tables: Tables) -> None:
    """A foreign producer may repeat a record under its own offset."""
    ledger = an_alert_ledger(database, "discord")
    await ledger.open()

    await ledger.write(ASlab(0, 2), translate_alerts([a_record(an_alert(0))] * 2, raise_all))

    assert len(tables.run(DELIVERIES)) == 1
