"""What docs/recovery.md promises: each loss for real, and the commands that bring it back."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from conscope_app.local.artifacts import Artifacts
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.ports import free_port
from tests.broker.losing import (
    copy_database,
    execute,
    lose_database,
    nobody_was_told_twice,
    produce,
    rows_of,
    run_until_stored,
    table_of,
)
from tests.broker.pipeline import Pipeline, eventually

pytestmark = pytest.mark.broker

ARCHIVES = "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'archive%'"


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
