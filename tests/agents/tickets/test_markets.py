"""The agent of market snapshots, with Faust's own test context: a slab in, an outcome out."""

import asyncio
import json
from pathlib import Path

from agents.tickets.markets import partition_of, track_markets
from conscope_app.core.record import Record
from conscope_app.domains.tickets.last_market import market_key
from conscope_app.stream.outcome import Outcome
from conscope_app.stream.slab import Slab
from conscope_app.stream.table_partition import TablePartition
from tests.factories import ARecord, a_snapshot_record


async def answered(rows: TablePartition, *records: Record) -> Outcome:
    """What the agent answers a slab of partition 0 with."""
    future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    slab = Slab("market_snapshots", 0, 0, len(records), records, future, rows)
    async with track_markets.test_context() as agent:
        await agent.channel.put(slab)
        async with asyncio.timeout(5):
            return await future


async def test_snapshots_become_outputs_state_and_counts(tmp_path: Path) -> None:
    """What is refused and what is under a foreign key go their ways, in the same outcome."""
    rows = TablePartition(tmp_path / "table-0")
    event_id = next(f"e-{n}" for n in range(1_000) if partition_of(f"e-{n}".encode()) == 0)
    good = a_snapshot_record(0, event_id=event_id)
    stranger = a_snapshot_record(1, event_id="other", key=b"theirs")
    bad = ARecord(b"k", b"not json", "market_snapshots", offset=2)

    outcome = await answered(rows, good, stranger, bad)

    targets = [*outcome.outputs]
    elsewhere = ("market_snapshots", partition_of(b"other"))
    assert targets == [("processed_markets", 0), elsewhere, ("raw_prices.dead", 0)]
    ((key, value, _),) = outcome.outputs["processed_markets", 0]
    assert (key, json.loads(value or b"")["kind"]) == (event_id.encode(), "new")
    ((key, value, headers),) = outcome.outputs[elsewhere]
    assert (key, value) == (b"other", stranger.value)
    assert ("conscope.rekeyed-from", b"0-1") in list(headers)
    assert outcome.changes.keys() == {market_key(event_id, "seatgeek")}
    assert outcome.counts == {"records": 3, "new": 1, "rekeyed": 1, "dead": 1, "dead:not_json": 1}
    assert outcome.refused_at == [2]
