"""A database that goes away in the middle: everything is there once when it is back."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conscope_app.local.artifacts import Artifacts
from conscope_app.local.postgres import PostgresServer
from conscope_app.store.engine import Database
from conscope_app.store.migrate import upgrade
from conscope_app.store.tickets import translate_processed
from tests.store.ledgers import ASlab, Tables, a_ledger, records
from tests.store.wire import Wire, a_wire

pytestmark = pytest.mark.postgres


@pytest.fixture
async def wire(store_url: str, tables: Tables) -> AsyncIterator[Wire]:
    """The connections of `away` run through it."""
    async with a_wire(store_url) as wire:
        yield wire


@pytest.fixture
async def away(wire: Wire) -> AsyncIterator[Database]:
    """A database that can be cut off."""
    database = Database(wire.url)
    yield database
    await database.close()


async def test_a_commit_whose_answer_is_lost_counts(
    wire: Wire, away: Database, tables: Tables
) -> None:
    """It landed: the retry finds the position where it would have put it."""
    ledger = a_ledger(away)
    await ledger.open()
    await ledger.write(ASlab(0, 5), translate_processed(records(0, 5)))  # stages and partitions

    wire.lose_answer_to(b"COMMIT")
    await ledger.write(ASlab(5, 10), translate_processed(records(5, 10)))
    await ledger.write(ASlab(10, 15), translate_processed(records(10, 15)))

    assert tables.offsets() == list(range(15))
    assert tables.position() == 15


async def test_an_opening_whose_answer_is_lost_is_opened_again(
    wire: Wire, away: Database, tables: Tables
) -> None:
    """The owner then holds the newer epoch, and may write."""
    ledger = a_ledger(away)
    wire.lose_answer_to(b"COMMIT")

    await ledger.open()
    await ledger.write(ASlab(0, 5), translate_processed(records(0, 5)))

    assert tables.position() == 5


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(b"COPY", id="before the rows are sent"),
        pytest.param(b"INSERT INTO price_history", id="before they are inserted"),
        pytest.param(b"INSERT INTO events", id="before the events"),
        pytest.param(b"UPDATE sink_positions", id="before the position"),
        pytest.param(b"COMMIT", id="before the commit"),
    ],
)
async def test_a_connection_that_breaks_anywhere_is_made_anew(
    wire: Wire, away: Database, tables: Tables, statement: bytes
) -> None:
    """The server ends the session at that moment; the batch is written by the next one."""
    ledger = a_ledger(away)
    await ledger.open()
    await ledger.write(ASlab(0, 5), translate_processed(records(0, 5)))

    held = wire.hold(statement)
    rows = translate_processed(records(5, 10))
    writing = asyncio.create_task(ledger.write(ASlab(5, 10), rows))
    await held.reached.wait()
    tables.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'conscope' AND datname = current_database()"
    )
    held.release.set()
    await writing

    assert tables.offsets() == list(range(10))
    assert tables.position() == 10


async def test_it_says_what_it_waits_for_until_it_is_over(
    wire: Wire, away: Database, tables: Tables, caplog: pytest.LogCaptureFixture
) -> None:
    """It is asked again with longer and longer pauses, of 5 s at most."""
    caplog.set_level(logging.INFO)
    pauses: list[float] = []
    troubles: set[str | None] = set()

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        troubles.add(ledger.trouble)
        if len(pauses) == 12:
            await wire.restore()

    ledger = a_ledger(away, sleep=sleep)
    await ledger.open()
    await wire.cut()

    await ledger.write(ASlab(0, 5), translate_processed(records(0, 5)))

    assert tables.offsets() == list(range(5))
    assert all(short <= 0.1 * 2**n for n, short in enumerate(pauses))
    assert all(2.5 <= late <= 5 for late in pauses[6:])
    assert any("Connection refused" in str(trouble) for trouble in troubles)
    assert None not in troubles
    assert ledger.trouble is None
    assert away.trouble is None
    assert [record.levelname for record in caplog.records][-1] == "INFO"


async def test_waiting_can_be_cancelled(wire: Wire, away: Database, tables: Tables) -> None:
    """A rebalance does not wait for the database; the abandoned batch changes nothing later."""
    slept = asyncio.Event()

    async def sleep(_: float) -> None:
        slept.set()
        await asyncio.Event().wait()

    ledger = a_ledger(away, sleep=sleep)
    await ledger.open()
    await wire.cut()
    writing = asyncio.create_task(ledger.write(ASlab(0, 5), translate_processed(records(0, 5))))
    await slept.wait()

    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await wire.restore()

    assert tables.offsets() == []
    assert tables.position() is None


async def test_a_server_that_is_killed_twice_holds_every_row_once(
    servers_folder: Path, artifacts: Artifacts
) -> None:
    """SIGKILL in the middle of a stream of batches, and a start on the same data."""
    with PostgresServer(servers_folder / "killed", artifacts) as server:
        upgrade(server.url)
        database = Database(server.url)
        ledger = a_ledger(database)
        await ledger.open()
        reached = {5_000: asyncio.Event(), 10_000: asyncio.Event()}

        async def write_all() -> None:
            for start in range(0, 20_000, 100):
                if start in reached:
                    reached[start].set()
                rows = translate_processed(records(start, start + 100))
                await ledger.write(ASlab(start, start + 100), rows)

        writing = asyncio.create_task(write_all())
        for event in reached.values():
            await event.wait()
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
        await writing
        await database.close()

        with Tables(server.url) as tables:
            assert tables.offsets() == list(range(20_000))
            assert tables.position() == 20_000
