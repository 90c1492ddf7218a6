"""The roll-ups of a real worker: they follow from the history, whoever changes that."""

import pytest

from tests.broker.losing import execute
from tests.broker.pipeline import Pipeline, eventually

pytestmark = pytest.mark.broker

FOLDED = "SELECT coalesce(sum(observations), 0)::int FROM event_sources"
SEATS = "SELECT event_id, section, price, lowest, drops, observations FROM seats ORDER BY key"
SPANS = """
SELECT event_id, scope, name, minutes, start_at, observations, drops, lowest, total
FROM price_spans JOIN price_series ON id = series ORDER BY key, minutes, start_at
"""


def produce(pipeline: Pipeline, count: int) -> None:
    pipeline.run("produce", "mock", "--count", str(count), "--rate", "0", "--seed", "41")


def until_folded(pipeline: Pipeline, rows: int) -> None:
    eventually(lambda: pipeline.query(FOLDED) == [(rows,)], what=f"{rows} rows in the roll-ups")


def test_workers_and_commands_roll_the_same_up(pipeline: Pipeline) -> None:
    """Through a kill; without workers; and after rows came back behind the position."""
    worker = pipeline.worker("w1").start().until_ready()
    produce(pipeline, 1_500)
    worker.kill()
    worker.start().until_ready()
    produce(pipeline, 500)
    until_folded(pipeline, 2_000)
    assert worker.stop() == 0
    seats, spans = pipeline.query(SEATS), pipeline.query(SPANS)
    assert pipeline.count("event_markets", "seats_on_sale > 0") > 0

    assert "2000 rows" in pipeline.run("rebuild", "market").stdout
    assert (pipeline.query(SEATS), pipeline.query(SPANS)) == (seats, spans)
    assert pipeline.count("price_spans", "is_uncounted") == 0

    execute(pipeline, "DELETE FROM price_history WHERE raw_offset < 100")
    pipeline.run("rebuild", "market")
    assert pipeline.query(FOLDED) < [(2_000,)]
    pipeline.run("rebuild", "history")
    assert pipeline.query(FOLDED) == [(0,)]
    worker.start().until_ready()
    until_folded(pipeline, 2_000)
    assert (pipeline.query(SEATS), pipeline.query(SPANS)) == (seats, spans)
