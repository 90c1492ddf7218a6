"""The database: transactions in threads, and what becomes of connections that break."""

import asyncio
import threading
from collections.abc import Callable

import psycopg2
import pytest

from conscope_app.store.engine import Closed, Connection, Database
from conscope_app.store.errors import is_away
from conscope_app.store.url import connect_arguments, where
from tests.store.ledgers import Tables
from tests.store.wire import a_wire

ADD = "INSERT INTO delivery_targets (channel) VALUES (%s)"


def add(connection: Connection, channel: str) -> None:
    """Write something."""
    with connection.cursor() as cursor:
        cursor.execute(ADD, (channel,))


def backend(connection: Connection) -> int:
    """The server's process of this connection."""
    return connection.info.backend_pid


def sleep(connection: Connection, seconds: float) -> None:
    """Have the server take its time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", (seconds,))


class Paused:
    """Work that says when it has begun, and goes on when it is told to."""

    def __init__(self, work: Callable[[Connection], None]) -> None:
        self.begun = asyncio.Event()
        self.go_on = threading.Event()
        self._work = work
        self._loop = asyncio.get_running_loop()

    def __call__(self, connection: Connection) -> None:
        self._loop.call_soon_threadsafe(self.begun.set)
        self.go_on.wait()
        self._work(connection)


def test_nothing_is_opened_before_it_is_needed() -> None:
    """A database that nobody listens for can be built, and says nothing bad yet."""
    database = Database("postgresql+psycopg2://conscope@127.0.0.1:1/nowhere")

    assert database.trouble is None


async def test_trouble_names_the_place_but_no_password() -> None:
    """It stands on pages and in logs."""
    database = Database("postgresql+psycopg2://conscope:sesam@127.0.0.1:1/nowhere")

    with pytest.raises(psycopg2.OperationalError) as caught:
        await database.run(backend)
    await database.close()

    assert is_away(caught.value)
    assert database.trouble is not None
    assert "Postgres at 127.0.0.1:1/nowhere" in database.trouble
    assert "sesam" not in database.trouble


def test_the_url_may_hold_anything_that_libpq_takes() -> None:
    """Special characters in the password, and options such as sslmode."""
    url = "postgresql://me:p%40ss%2F@db.example:6432/prices?sslmode=require"

    arguments = connect_arguments(url, "worker")

    assert arguments["password"] == "p@ss/"
    assert arguments["sslmode"] == "require"
    assert arguments["application_name"] == "worker"
    assert where(url) == "Postgres at db.example:6432/prices"


@pytest.mark.postgres
async def test_what_returns_is_committed_and_what_raises_is_undone(
    database: Database, tables: Tables
) -> None:
    """One call is one transaction."""

    def add_and_fail(connection: Connection) -> None:
        add(connection, "undone")
        raise LookupError("after the write")

    await database.run(lambda c: add(c, "kept"))
    with pytest.raises(LookupError):
        await database.run(add_and_fail)

    assert tables.run("SELECT channel FROM delivery_targets") == [("kept",)]


@pytest.mark.postgres
async def test_the_event_loop_goes_on_meanwhile(database: Database) -> None:
    """The transaction runs in another thread."""
    here = threading.get_ident()

    there = await database.run(lambda _: threading.get_ident())

    assert there != here


@pytest.mark.postgres
async def test_connections_are_used_again_and_are_few(store_url: str, tables: Tables) -> None:
    """Twenty transactions at once run on as many connections as were allowed."""
    database = Database(store_url, connections=2)

    backends = await asyncio.gather(*(database.run(backend) for _ in range(20)))
    await database.close()

    assert len(set(backends)) <= 2


@pytest.mark.postgres
async def test_a_connection_that_the_server_ended_is_replaced(
    database: Database, tables: Tables
) -> None:
    """One error, that says the database is away; then it answers again."""
    before = await database.run(backend)
    tables.run("SELECT pg_terminate_backend(%s)", before)

    with pytest.raises(psycopg2.Error) as caught:
        await database.run(lambda c: add(c, "x"))

    assert is_away(caught.value)
    assert database.trouble is not None
    assert await database.run(backend) != before
    assert database.trouble is None


@pytest.mark.postgres
async def test_a_server_that_says_nothing_is_given_up(store_url: str, tables: Tables) -> None:
    """psycopg2 would wait for ever; the connection is broken off, and the thread is free again."""
    database = Database(store_url, connections=1, answer_timeout_s=0.2)

    with pytest.raises(psycopg2.Error) as caught:
        await database.run(lambda c: sleep(c, 60))

    assert is_away(caught.value)
    assert await database.run(backend)
    await database.close()


@pytest.mark.postgres
async def test_a_long_transaction_that_keeps_asking_is_not_given_up(
    store_url: str, tables: Tables
) -> None:
    """Each new cursor has the full time for an answer."""
    database = Database(store_url, connections=1, answer_timeout_s=0.4)

    def work(connection: Connection) -> int:
        for _ in range(8):
            sleep(connection, 0.1)
        return backend(connection)

    assert await database.run(work)
    await database.close()


@pytest.mark.postgres
async def test_closing_waits_for_what_is_under_way(store_url: str, tables: Tables) -> None:
    """A short write is finished, and its caller is told so."""
    database = Database(store_url)
    work = Paused(lambda c: add(c, "finished"))
    writing = asyncio.create_task(database.run(work))
    await work.begun.wait()

    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    work.go_on.set()
    await closing

    await writing
    assert tables.run("SELECT channel FROM delivery_targets") == [("finished",)]


@pytest.mark.postgres
async def test_closing_breaks_off_what_takes_too_long(store_url: str, tables: Tables) -> None:
    """A worker can stop although its database hangs; who waits in the queue is told as well."""
    database = Database(store_url, application_name="is-stuck", connections=1)
    stuck = asyncio.create_task(database.run(lambda c: sleep(c, 60)))
    asleep = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND application_name = %s"
    await tables.until(asleep, "is-stuck", rows=1)
    queued = asyncio.create_task(database.run(backend))
    await asyncio.sleep(0)

    await asyncio.wait_for(database.close(), 10)

    with pytest.raises(psycopg2.Error):
        await stuck
    with pytest.raises(Closed):
        await queued
    with pytest.raises(Closed):
        await database.run(backend)


@pytest.mark.postgres
async def test_no_connection_is_left_behind(store_url: str, tables: Tables) -> None:
    """Closing ends every session on the server."""
    database = Database(store_url, application_name="leaves-nothing")
    await asyncio.gather(*(database.run(backend) for _ in range(8)))

    await database.close()

    sessions = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'leaves-nothing'"
    await tables.until(sessions, rows=0)


@pytest.mark.postgres
async def test_a_cancelled_caller_leaves_a_usable_connection(
    store_url: str, tables: Tables
) -> None:
    """The work goes on without it; the next one finds everything in order."""
    database = Database(store_url, connections=1)
    work = Paused(lambda c: add(c, "first"))
    running = asyncio.create_task(database.run(work))
    await work.begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    work.go_on.set()

    await database.run(lambda c: add(c, "next"))
    await database.close()

    assert tables.run("SELECT channel FROM delivery_targets") == [("first",), ("next",)]


@pytest.mark.postgres
async def test_a_wire_that_is_cut_is_trouble_until_it_is_mended(store_url: str) -> None:
    """Though nobody asks for anything: a worker with nothing to write is ready again soon."""
    async with a_wire(store_url) as wire:
        database = Database(wire.url)
        await database.run(backend)
        await wire.cut()
        for _ in range(2):
            with pytest.raises(psycopg2.OperationalError):
                await database.run(lambda c: add(c, "lost"))
        assert "Connection refused" in (database.trouble or "")

        await wire.restore()
        async with asyncio.timeout(30):
            while database.trouble is not None:  # noqa: ASYNC110 a thread finds it out
                await asyncio.sleep(0.01)

        await database.close()


@pytest.mark.postgres
async def test_another_transaction_in_the_way_is_no_trouble_of_the_server(
    database: Database, tables: Tables
) -> None:
    """Connections that wait for nobody are kept."""
    held = Paused(lambda connection: add(connection, "after"))

    def hold(connection: Connection) -> None:
        add(connection, "fought for")
        held(connection)

    def want(connection: Connection) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '10ms'")
        add(connection, "fought for")

    holding = asyncio.create_task(database.run(hold))
    await held.begun.wait()
    free = await database.run(backend)
    with pytest.raises(psycopg2.errors.LockNotAvailable) as refused:
        await database.run(want)

    assert is_away(refused.value), "it may be tried again"
    assert database.trouble is None
    assert await database.run(backend) == free
    held.go_on.set()
    await holding
