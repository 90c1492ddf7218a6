"""The detection agent, with Faust's own test context: a slab in, an outcome out."""

import asyncio
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agents.tickets.prices import board, partition_of, track_prices
from conscope_app.core.record import Record
from conscope_app.stream.board import Entries, Posted
from conscope_app.stream.outcome import Outcome
from conscope_app.stream.slab import Slab
from conscope_app.stream.table_partition import TablePartition
from tests.factories import ARecord, a_record


@pytest.fixture(autouse=True)
def _board() -> Iterator[None]:
    """What is watched is known: nothing."""
    board._known.set()
    yield
    board._known.clear()
    board._entries = Entries()


async def answered(rows: TablePartition, *records: Record) -> Outcome:
    """What the agent answers a slab with."""
    future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    slab = Slab("raw_prices", 0, 0, len(records), records, future, rows)
    async with track_prices.test_context() as agent:
        await agent.channel.put(slab)
        async with asyncio.timeout(5):
            return await future


def a_seat_of_partition_0(**fields: Any) -> str:
    """A seat that Kafka's own rule puts into partition 0."""
    seats = map(str, range(1_000))
    return next(s for s in seats if partition_of(a_record(seat=s, **fields).key or b"") == 0)


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


async def test_what_is_watched_goes_to_the_watches_as_well(tmp_path: Path) -> None:
    """In the same outcome, to the partition of its event, with the raw record's time."""
    rows = TablePartition(tmp_path / "table-0")
    board._entries.post("w", Posted(1, ("concert-2",)))
    board.changes += 1

    seats = [
        a_record(at, event_id=event, seat=a_seat_of_partition_0(event_id=event))
        for at, event in enumerate(("concert-1", "concert-2"))
    ]

    outcome = await answered(rows, *seats)

    target = partition_of(b"concert-2")
    ((key, value, headers),) = outcome.outputs["watched_prices", target]
    assert key == b"concert-2"
    assert value == outcome.outputs["processed_prices", 0][1][1]
    assert headers == (("conscope.recorded_at", b"%d" % seats[1].timestamp),)
