"""What docs/recovery.md promises of the table: each loss for real, and the command that helps."""

from datetime import timedelta

import msgspec
import pytest

from conscope_app.stream.partitioner import Partitioner
from conscope_app.stream.table_partition import TablePartition
from tests.broker.losing import (
    CHANGELOG,
    MARKETS_CHANGELOG,
    PARTITIONS,
    TableState,
    cut,
    lose_topics,
    nobody_was_told_twice,
    produce,
    publish,
    publish_by_key,
    run_until_stored,
    table_of,
)
from tests.broker.pipeline import Pipeline, eventually
from tests.factories import NOON, ARecord, a_record, a_snapshot_record

pytestmark = pytest.mark.broker

LATER = NOON + timedelta(hours=1)


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
    assert "conscope: the changelog of a table is gone" in worker.log
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


def what_is_known(pipeline: Pipeline) -> tuple[dict[bytes, bytes], dict[int, object]]:
    """Rows of `last_markets`, counts and refusals, as the changelog has them."""
    state = table_of(pipeline, MARKETS_CHANGELOG)
    return state.rows, stripped(state)


@pytest.mark.parametrize(
    "shortened",
    [
        pytest.param((), id="all is kept"),
        pytest.param(("market_snapshots",), id="after 7 days"),
    ],
)
def test_what_is_known_of_events_comes_back(pipeline: Pipeline, shortened: tuple[str, ...]) -> None:
    """Nothing is published once more, and what changes next is judged by what was known."""
    worker = pipeline.worker("w1", CONSCOPE_AGENTS="track_markets,store_markets")
    events = [f"seatgeek-{number}" for number in range(40)]
    looks = [
        a_snapshot_record(
            key=event.encode(),
            event_id=event,
            observed_at=NOON + timedelta(minutes=look),
            listing_count=(5, 0, ...)[look],
        )
        for look in range(3)
        for event in events
    ]
    publish_by_key(pipeline, "market_snapshots", looks)
    worker.start()
    eventually(lambda: pipeline.count("market_history") == len(looks), what="all rows")
    pipeline.audit()
    assert worker.stop() == 0
    before = what_is_known(pipeline)

    for topic in shortened:
        cut(pipeline, topic)
    lose_topics(pipeline, MARKETS_CHANGELOG)
    pipeline.run("topics", "create")
    assert worker.start().process.wait(timeout=60) == 78
    assert MARKETS_CHANGELOG in worker.log
    publish_by_key(
        pipeline,
        "market_snapshots",
        [
            a_snapshot_record(
                key=event.encode(), event_id=event, listing_count=9, observed_at=LATER
            )
            for event in events
        ],
    )
    said = pipeline.run("rebuild", "table").stdout
    assert what_is_known(pipeline) == before
    assert said.count("last_markets-") == PARTITIONS

    worker.start()
    eventually(
        lambda: pipeline.count("event_changes", "kind = 'back_on_sale'") == len(events),
        what="the events back on sale",
    )
    report = pipeline.audit()
    assert report["snapshots"] >= len(events)
    assert pipeline.count("market_history") == len(looks) + len(events)
