"""Sources are shared by workers, and go on elsewhere: on a real Kafka, Postgres and sockets."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from conscope_app.core.clock import utc_now
from conscope_app.kafka.brokers import Brokers
from conscope_app.polled_sources import recorder_of
from conscope_app.polling_duty import PollingDuty, Topics
from conscope_app.settings import Settings
from conscope_app.sources.configured import ConfiguredSource
from conscope_app.sources.configured_feeds import configured_feeds
from conscope_app.sources.recorded import read_recording
from conscope_app.store.engine import Database
from conscope_app.store.sources import leases
from tests.sources.kafka_topics import a_topic, read_all
from tests.sources.polling.adapters import SmallAdapter
from tests.sources.vendor_server import a_vendor

pytestmark = [pytest.mark.broker, pytest.mark.postgres]

KEY = "a-secret-of-many-letters"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def brokers(kafka_url: str) -> Brokers:
    return Brokers.plain(kafka_url.removeprefix("kafka://"))


@pytest.fixture
async def topics(brokers: Brokers) -> AsyncIterator[Topics]:
    async with (
        a_topic(brokers, partitions=2) as prices,
        a_topic(brokers, partitions=2) as markets,
        a_topic(brokers, partitions=2) as watched,
    ):
        yield Topics(prices, markets, watched)


def a_source(url: str) -> ConfiguredSource:
    """A source with a name of its own, as tests share the database."""
    adapter = SmallAdapter(name=f"simulated-{uuid.uuid4().hex[:8]}")
    return ConfiguredSource(adapter, url, KEY, private=True)


@asynccontextmanager
async def at_work(duty: PollingDuty) -> AsyncIterator[PollingDuty]:
    """It runs, and is ended as a worker ends it."""
    task = asyncio.create_task(duty.run())
    try:
        yield duty
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(is_so: Callable[[], bool]) -> None:
    """Return when it is."""
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110 nobody tells
            await asyncio.sleep(0.05)


async def test_workers_share_sources_and_take_over_what_another_leaves(
    brokers: Brokers, topics: Topics, database: Database
) -> None:
    """Each polls one; when one ends, the other has both; all that was read has arrived."""
    with a_vendor("e1") as (first_url, first), a_vendor("e2") as (second_url, second):
        sources = [a_source(first_url), a_source(second_url)]
        make = partial(
            PollingDuty,
            sources,
            database=database,
            brokers=brokers,
            topics=topics,
            clock=utc_now,
            random=lambda: 0.5,
        )
        async with at_work(make(holder="one")) as one:
            async with at_work(make(holder="two")) as two:
                await until(lambda: len(one.sources) == len(two.sources) == 1)
                await until(lambda: bool(first and second))
            await until(lambda: len(one.sources) == 2)
            await until(lambda: len(first) > 1 and len(second) > 1)

        found = await read_all(brokers, topics.snapshots)
        prices = await read_all(brokers, topics.prices)

    assert {each.key for some in found.values() for each in some} == {b"e1", b"e2"}
    assert sum(len(some) for some in prices.values()) >= 2
    assert all(f"key={KEY}" in target for target in first)


async def test_the_source_of_a_dead_worker_goes_on_when_its_lease_has_run_out(
    brokers: Brokers, topics: Topics, database: Database
) -> None:
    """And not before."""
    with a_vendor("e") as (url, asked):
        source = a_source(url)
        take = partial(leases.take, source=source.name, holder="dead", lease_s=3)
        before = utc_now()
        assert await database.run(take)
        duty = PollingDuty(
            [source],
            database=database,
            brokers=brokers,
            topics=topics,
            holder="alive",
            clock=utc_now,
            random=lambda: 0.5,
        )
        async with at_work(duty):
            await until(lambda: bool(asked))

        assert utc_now() - before >= timedelta(seconds=3)


async def test_a_source_that_another_took_is_let_go(
    brokers: Brokers, topics: Topics, database: Database
) -> None:
    """A worker that stood still finds out with its next request, and asks nothing more."""
    with a_vendor("e") as (url, asked):
        source = a_source(url)
        duty = PollingDuty(
            [source],
            database=database,
            brokers=brokers,
            topics=topics,
            holder="slow",
            clock=utc_now,
            random=lambda: 0.5,
        )
        async with at_work(duty):
            await until(lambda: bool(asked))

            def steal(connection: object) -> None:
                with connection.cursor() as cursor:  # type: ignore[attr-defined]
                    cursor.execute(
                        "UPDATE sources SET leased_by = 'other', leased_until = now() + '1 hour'"
                        " WHERE source = %s",
                        [source.name],
                    )

            await database.run(steal)
            await until(lambda: not duty.sources)


async def test_with_no_source_nothing_runs(brokers: Brokers, topics: Topics) -> None:
    """Not even a connection is opened."""
    database = Database("postgresql+psycopg2://nobody@127.0.0.1:1/none")
    duty = PollingDuty(
        [],
        database=database,
        brokers=brokers,
        topics=topics,
        holder="idle",
        clock=utc_now,
        random=lambda: 0.5,
    )

    await asyncio.wait_for(duty.run(), 1)
    await database.close()


async def test_a_feed_of_a_folder_is_polled_and_recorded(
    brokers: Brokers, topics: Topics, database: Database, tmp_path: Path
) -> None:
    """Its key goes where its file says, its prices to the topic, what was said to the folder."""
    with a_vendor("e") as (url, asked):
        name = f"feed-{uuid.uuid4().hex[:8]}"
        (tmp_path / f"{name}.yaml").write_text(
            f"name: {name}\nurl: {url}/items?of=all\nprivate: true\nevery: 1s\n"
            "key: {variable: FEED_KEY, query: key}\n"
            "fields: {event_id: '[0]', price: '[2]'}\n"
        )
        sources = configured_feeds(tmp_path, {"FEED_KEY": KEY})
        settings = Settings(recordings_dir=tmp_path / "recordings")
        duty = PollingDuty(
            sources,
            database=database,
            brokers=brokers,
            topics=topics,
            holder="feeds",
            clock=utc_now,
            random=lambda: 0.5,
            recorder=recorder_of(settings, sources),
        )
        async with at_work(duty):
            await until(lambda: len(asked) > 1)
        found = await read_all(brokers, topics.prices)

    assert asked[0] == f"/items?of=all&key={KEY}"
    prices = [json.loads(each.value) for some in found.values() for each in some]
    assert {(each["event_id"], each["source"], each["price"]) for each in prices} == {
        ("e", name, 50)
    }
    (path,) = (tmp_path / "recordings").iterdir()
    recorded = list(read_recording(path))
    assert len(recorded) >= 1
    assert KEY not in repr(recorded)
