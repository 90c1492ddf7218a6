"""What disks hold of a table that was rebuilt since, on a real Kafka."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from conscope_app.kafka.brokers import Brokers
from conscope_app.rebuild.changelog import Changelog, TableSpec
from conscope_app.stream.progress import POSITION_KEY, Progress, encode_progress
from conscope_app.stream.restore import Restored, restore
from conscope_app.stream.table_partition import TablePartition
from conscope_app.topics.lost_table import lost_partitions

pytestmark = pytest.mark.broker


@pytest.fixture
def brokers(kafka_url: str) -> Brokers:
    return Brokers.plain(kafka_url.removeprefix("kafka://"))


@pytest.fixture
async def table(brokers: Brokers) -> AsyncIterator[TableSpec]:
    """A table of one partition with an empty changelog; `outputs-…` is beside it."""
    name = uuid.uuid4().hex
    table = TableSpec(
        application="tests",
        name=name,
        changelog=f"changelog-{name}",
        partitions=1,
        partition_of=lambda _key: 0,
        row_format=1,
    )
    admin = AIOKafkaAdminClient(**brokers.client_options)
    await admin.start()
    topics = [table.changelog, f"outputs-{name}"]
    await admin.create_topics([NewTopic(topic, 1, 1) for topic in topics])
    yield table
    await admin.delete_topics(topics)
    await admin.close()


async def write(
    brokers: Brokers, table: TableSpec, rows: dict[bytes, bytes | None], progress: Progress
) -> None:
    async with Changelog(brokers, table, 0) as changelog:
        await changelog.replace([list(rows.items())], progress)


async def restored(brokers: Brokers, table: TableSpec, path: Path) -> dict[bytes, bytes]:
    """The rows on a disk once it was brought up to the changelog."""
    rows, steps = TablePartition(path), list[Restored]()
    await restore(brokers, table.changelog, 0, rows, steps.append)
    found = dict(rows.items())
    rows.close()
    # Whoever waits for it is told how far it has come, from the start to the end.
    assert steps[0].position == steps[0].start
    assert steps[-1].position >= steps[-1].end
    return found


async def test_a_disk_of_another_generation_is_wiped(
    brokers: Brokers, table: TableSpec, tmp_path: Path
) -> None:
    """Its offsets fit the rebuilt changelog by chance; its rows do not."""
    stale = TablePartition(tmp_path / "disk")
    await write(brokers, table, {b"a": b"new", b"b": b"new"}, Progress(9, generation="second"))
    old = Progress(7, generation="first")
    stale.write([(b"a", b"old"), (b"gone", b"old"), (POSITION_KEY, encode_progress(old))], 2)
    stale.close()

    assert await restored(brokers, table, tmp_path / "disk") == {b"a": b"new", b"b": b"new"}


async def test_a_disk_of_the_same_generation_goes_on(
    brokers: Brokers, table: TableSpec, tmp_path: Path
) -> None:
    """It applies what is new, and keeps the rest."""
    await write(brokers, table, {b"a": b"1"}, Progress(1, generation="g"))
    await restored(brokers, table, tmp_path / "disk")
    await write(brokers, table, {b"b": b"2"}, Progress(2, generation="g"))

    assert await restored(brokers, table, tmp_path / "disk") == {b"a": b"1", b"b": b"2"}


async def test_a_log_that_begins_late_is_empty_and_not_whole(
    brokers: Brokers, table: TableSpec
) -> None:
    """The same when it is asked for again."""
    async with Changelog(brokers, table, 0) as changelog:
        first = await changelog.begin_late(f"outputs-{table.name}")
        again = await changelog.begin_late(f"outputs-{table.name}")

    assert (first, again) == (1, 1)


async def test_a_changelog_is_lost_where_only_its_outputs_are_there(
    brokers: Brokers, table: TableSpec
) -> None:
    """An aborted output is none; with a changelog beside it, all is well."""
    outputs = f"outputs-{table.name}"
    names = {"changelog": table.changelog, "outputs": outputs}
    async with Changelog(brokers, table, 0) as changelog:
        await changelog.begin_late(outputs)
    assert await lost_partitions(brokers, 1, **names) == []

    beside = TableSpec(
        application="tests",
        name=f"{table.name}-outputs",
        changelog=outputs,
        partitions=1,
        partition_of=lambda _key: 0,
        row_format=1,
    )
    await write(brokers, beside, {b"a": b"1"}, Progress(1))
    assert await lost_partitions(brokers, 1, **names) == [0]

    await write(brokers, table, {b"a": b"1"}, Progress(1))
    assert await lost_partitions(brokers, 1, **names) == []
