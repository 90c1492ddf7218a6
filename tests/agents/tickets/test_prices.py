"""The detection agent, with Faust's own test context: a slab in, an outcome out."""

import asyncio
import json
from decimal import Decimal
from pathlib import Path

from agents.tickets.prices import partition_of, track_prices
from conscope_app.core.record import Record
from conscope_app.stream.outcome import Outcome
from conscope_app.stream.slab import Slab
from conscope_app.stream.table_partition import TablePartition
from tests.factories import ARecord, a_record


async def answered(rows: TablePartition, *records: Record) -> Outcome:
    """What the agent answers a slab with."""
    future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    slab = Slab("raw_prices", 0, 0, len(records), records, future, rows)
    async with track_prices.test_context() as agent:
        await agent.channel.put(slab)
        async with asyncio.timeout(5):
            return await future


def a_seat_of_partition_0() -> str:
    """A seat that Kafka's own rule puts into partition 0."""
    return next(
        seat for seat in map(str, range(1_000)) if partition_of(a_record(seat=seat).key or b"") == 0
    )


async def test_prices_become_outputs_state_and_counts(tmp_path: Path) -> None:
    """Processed prices and alerts go to the partition of their input, state to the table."""
    rows = TablePartition(tmp_path / "table-0")
    seat = a_seat_of_partition_0()
    before, after = (a_record(at, seat=seat, price=Decimal(p)) for at, p in ((0, 100), (1, 60)))

    outcome = await answered(rows, before, after)

    assert outcome.outputs.keys() == {("processed_prices", 0), ("price_alerts", 0)}
    processed = [json.loads(value or b"") for _, value, _ in outcome.outputs["processed_prices", 0]]
    assert [price["kind"] for price in processed] == ["new", "drop"]
    assert outcome.changes.keys() == {before.key}
    assert outcome.counts == {"records": 2, "new": 1, "drop": 1}


async def test_a_bad_record_goes_to_the_dead_letters_as_it_came(tmp_path: Path) -> None:
    """Its bytes unchanged, with the reason in the headers; the records beside it are processed."""
    rows = TablePartition(tmp_path / "table-0")
    bad = ARecord(b"k", b"not json", offset=1)

    outcome = await answered(rows, a_record(0), bad)

    key, value, headers = outcome.outputs["raw_prices.dead", 0][0]
    assert (key, value) == (b"k", b"not json")
    assert ("conscope.reason", b"not_json") in list(headers)
    assert outcome.refused_at == [1]


async def test_a_foreign_key_is_put_right_and_marked(tmp_path: Path) -> None:
    """The copy carries the seat key and says where it came from."""
    rows = TablePartition(tmp_path / "table-0")

    outcome = await answered(rows, a_record(0, key=b"theirs"))

    ((topic, _), ((key, value, headers),)) = next(iter(outcome.outputs.items()))
    assert topic == "raw_prices"
    assert key == a_record().key
    assert ("conscope.rekeyed-from", b"0-0") in list(headers)
    assert json.loads(value or b"")["seat"] == "8"
