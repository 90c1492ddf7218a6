"""A real worker matches what it finds, beside everything else that it does."""

import pytest

from tests.broker.losing import execute
from tests.broker.pipeline import Pipeline, eventually

pytestmark = pytest.mark.broker

TWO_EVENTS = """
INSERT INTO events VALUES
    ('a-1', 'Madonna', 'MSG', '2099-01-22T20:00:00', now(), now()),
    ('b-1', 'Madonna: The Celebration Tour', 'Madison Square Garden', '2099-01-22T20:00:00',
        now(), now())
"""


def test_a_worker_matches_events_and_stops_when_it_is_told(pipeline: Pipeline) -> None:
    """Known from prices only, by two names of one venue."""
    execute(pipeline, TWO_EVENTS)

    worker = pipeline.worker("w1").start().until_ready()
    groups = "SELECT event_id, group_id FROM event_match_members ORDER BY 1"
    eventually(
        lambda: pipeline.query(groups) == [("a-1", "a-1"), ("b-1", "a-1")], what="a group of two"
    )

    assert worker.stop() == 0
