"""What docs/recovery.md promises: each loss for real, and the commands that bring it back."""

from pathlib import Path

import msgspec
import pytest
from sqlalchemy import make_url

from conscope_app.local.artifacts import Artifacts
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.ports import free_port
from conscope_app.stream.partitioner import Partitioner
from conscope_app.stream.table_partition import TablePartition
from tests.broker.losing import (
    CHANGELOG,
    PARTITIONS,
    TableState,
    copy_database,
    cut,
    execute,
    lose_database,
    lose_topics,
    publish,
    rows_of,
    table_of,
)
from tests.broker.pipeline import Pipeline, Worker, eventually
from tests.factories import ARecord, a_record

pytestmark = pytest.mark.broker


def produce(pipeline: Pipeline, count: int, *, seed: int = 41) -> None:
    pipeline.run("produce", "mock", "--count", str(count), "--rate", "0", "--seed", str(seed))


def run_until_stored(pipeline: Pipeline, worker: Worker, rows: int) -> None:
    """Start the worker and stop it when the history has so many rows and all is told."""
    worker.start().until_ready()
    eventually(lambda: pipeline.count("price_history") == rows, what=f"{rows} rows")
    pipeline.audit()
    pipeline.until_told()
    assert worker.stop() == 0


def nobody_was_told_twice(pipeline: Pipeline) -> bool:
    told = pipeline.told()
    return len(told) == told.total() == pipeline.count("price_drop_alerts")


def stripped(state: TableState) -> dict[int, object]:
    """Counts and refusals; an offset may lie behind markers, and a generation is new."""
    return {
        partition: msgspec.structs.replace(progress, next_offset=0, generation="")
        for partition, progress in state.progress.items()
    }


def strange_records() -> list[ARecord]:
    """For partition 0: bad, under a foreign key, with a field that is not ours."""
    partition_of = Partitioner(PARTITIONS)
    seat = next(s for s in map(str, range(1_000)) if partition_of(a_record(seat=s).key or b"") == 0)
    return [
        ARecord(b"k", b"not json"),
        a_record(seat="a", key=b"theirs"),
        a_record(seat=seat, note="ours knows no such field"),
        a_record(seat="b", key=b"theirs"),  # nothing but its copy tells that it was taken
    ]


@pytest.mark.parametrize(
    "shortened",
    [
        pytest.param((), id="all is kept"),
        pytest.param(("raw_prices",), id="after 7 days"),
        pytest.param(("raw_prices", "processed_prices"), id="after 30 days"),
    ],
)
def test_the_table_comes_back(pipeline: Pipeline, shortened: tuple[str, ...]) -> None:
    """The same rows, counts and place; what came meanwhile is taken once; old disks do no harm."""
    worker = pipeline.worker("w1")
    produce(pipeline, 4_000)
    publish(pipeline, strange_records(), partition=0)
    run_until_stored(pipeline, worker, 4_003)
    before = table_of(pipeline)

    for topic in shortened:
        cut(pipeline, topic)
    lose_topics(pipeline, CHANGELOG)
    pipeline.run("topics", "create")
    assert worker.start().process.wait(timeout=60) == 78
    assert "conscope: the changelog of the table is gone" in worker.log
    produce(pipeline, 2_000)
    said = pipeline.run("rebuild", "table").stdout
    after = table_of(pipeline)

    assert after.rows == before.rows
    assert all(
        after.progress[at].next_offset <= before.progress[at].next_offset for at in after.progress
    )
    is_counted = "processed_prices" not in shortened
    assert (stripped(after) == stripped(before)) is is_counted
    assert ("no longer in the topics" not in said) is is_counted
    assert "left as it is" in pipeline.run("rebuild", "table", "--partition", "3").stdout
    run_until_stored(pipeline, worker, 6_003)
    assert nobody_was_told_twice(pipeline)
    assert "the table was rebuilt: restoring anew" in worker.log


def test_the_rows_of_postgres_come_back_and_nobody_is_told_again(pipeline: Pipeline) -> None:
    """A new database, then a hole in it; a second run changes nothing."""
    worker = pipeline.worker("w1")
    produce(pipeline, 3_000)
    run_until_stored(pipeline, worker, 3_000)
    before = rows_of(pipeline)
    told = pipeline.told()

    lose_database(pipeline)
    pipeline.run("migrate")
    produce(pipeline, 1_000)
    pipeline.run("rebuild", "history")
    assert rows_of(pipeline) == before
    assert pipeline.count("deliveries") == 0
    assert pipeline.count("price_drop_alerts", "decision = 'rebuilt'") == len(told)

    execute(pipeline, "DELETE FROM price_history WHERE raw_partition = 2 AND raw_offset > 100")
    execute(pipeline, "DELETE FROM price_drop_alerts WHERE raw_partition = 3")
    pipeline.run("rebuild", "history")
    assert rows_of(pipeline) == before
    said = pipeline.run("rebuild", "history").stdout
    assert said.count(" 0 rows were missing") == 16

    run_until_stored(pipeline, worker, 4_000)
    assert nobody_was_told_twice(pipeline)


def test_whoever_asks_for_it_is_told_what_may_not_have_been_told(pipeline: Pipeline) -> None:
    """`--tell-since`: the channel was away when the database was lost."""
    nowhere = make_url(pipeline.discord.url).set(port=free_port())
    deaf = pipeline.worker("w1", CONSCOPE_DISCORD_WEBHOOK_URL=nowhere.render_as_string())
    produce(pipeline, 500)
    deaf.start().until_ready()
    eventually(lambda: pipeline.count("price_history") == 500, what="the rows")
    pipeline.audit()
    assert deaf.stop() == 0
    drops = pipeline.count("price_drop_alerts")
    assert drops > 0

    lose_database(pipeline)
    pipeline.run("migrate")
    pipeline.run("rebuild", "history", "--tell-since", "1h")
    assert pipeline.count("deliveries", "status = 'waiting'") == drops

    run_until_stored(pipeline, pipeline.worker("w2"), 500)
    assert nobody_was_told_twice(pipeline)


def test_a_backup_of_postgres_is_brought_up_to_date(pipeline: Pipeline) -> None:
    """What was stored and told after the backup comes back, and is not told again."""
    worker = pipeline.worker("w1")
    produce(pipeline, 1_000)
    run_until_stored(pipeline, worker, 1_000)
    backup = copy_database(pipeline.database_url, "backup")
    produce(pipeline, 1_000)
    run_until_stored(pipeline, worker, 2_000)
    before = rows_of(pipeline)

    lose_database(pipeline)
    copy_database(backup, make_url(pipeline.database_url).database or "")
    pipeline.run("rebuild", "history", "--from-backup")
    assert rows_of(pipeline) == before

    produce(pipeline, 500)
    run_until_stored(pipeline, worker, 2_500)
    assert nobody_was_told_twice(pipeline)


def test_a_new_kafka_goes_on_where_the_old_one_ended(
    pipeline: Pipeline, kafka: KafkaServer, artifacts: Artifacts, tmp_path: Path
) -> None:
    """The old rows are kept under another name, and no seat is new that was seen before."""
    worker = pipeline.worker("w1")
    produce(pipeline, 4_000)
    run_until_stored(pipeline, worker, 4_000)
    seats = table_of(pipeline).rows
    told = pipeline.told().total()

    kafka.kill()
    with KafkaServer(tmp_path / "new-kafka", artifacts) as new:
        pipeline.move_to(new.url)
        pipeline.run("topics", "create")
        pipeline.run("rebuild", "from-history")
        (archive,) = [name for (name,) in pipeline.query(ARCHIVES)]
        assert table_of(pipeline).rows == seats
        assert pipeline.count(f"{archive}.price_history") == 4_000
        assert pipeline.count("price_history") == 0
        pipeline.run("rebuild", "from-history")  # again: nothing more to put away
        assert [name for (name,) in pipeline.query(ARCHIVES)] == [archive]

        again = pipeline.worker("w1")  # with the old data directory
        produce(pipeline, 1_000)
        run_until_stored(pipeline, again, 1_000)
        assert pipeline.count("price_history", "kind = 'new'") == 0
        assert pipeline.told().total() == told + pipeline.count("price_drop_alerts")
        refused = pipeline.run("rebuild", "from-history", expect=2)
        assert "this is for new, empty topics" in refused.stderr
        again.stop()


ARCHIVES = "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'archive%'"


def test_nothing_is_rebuilt_while_a_worker_lives(pipeline: Pipeline) -> None:
    """Exit code 2, with where it lives; after a kill only as long as its session lasts."""
    worker = pipeline.worker("w1").start().until_ready()

    refused = pipeline.run("rebuild", "table", "--partition", "0", expect=2)
    assert "workers are alive: conscope has a member at /127.0.0.1" in refused.stderr

    worker.kill()
    pipeline.run("rebuild", "table", "--partition", "0")


def test_damaged_tables_are_restored_from_the_changelog(pipeline: Pipeline) -> None:
    """A cut MANIFEST at the start, a garbage block at a read; whoever is restarted goes on."""
    worker = pipeline.worker("w1")
    produce(pipeline, 4_000)
    run_until_stored(pipeline, worker, 4_000)
    tables = sorted(worker.data.rglob("last_seen_prices-*"))
    assert len(tables) == PARTITIONS
    for path in tables:
        rows = TablePartition(path)
        rows._db.flush()
        rows.close()
    for manifest in tables[0].glob("MANIFEST*"):
        manifest.write_bytes(manifest.read_bytes()[:20])
    for file in tables[1].glob("*.sst"):
        file.write_bytes(b"garbage" * 300 + file.read_bytes()[2_100:])

    worker.start()
    produce(pipeline, 1_000)

    def stored() -> bool:
        if worker.process.poll() is not None:
            worker.start()  # as a supervisor does
        return pipeline.count("price_history") == 5_000

    eventually(stored, what="all rows")
    pipeline.audit()
    pipeline.until_told()
    assert nobody_was_told_twice(pipeline)
    assert worker.log.count("is damaged and begun anew") == 2
