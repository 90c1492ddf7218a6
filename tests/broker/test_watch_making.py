"""The benchmark's watches: left behind as published, and published by a running worker."""

from pathlib import Path

import pytest

from bench.stage import Stage
from bench.watch_making import leave_published, publish
from tests.alerting.watches.stories import a_watch
from tests.broker.losing import PARTITIONS
from tests.broker.pipeline import Pipeline
from tests.broker.test_watches import a_seat, is_published, show, until_decided

pytestmark = pytest.mark.broker


def a_stage(pipeline: Pipeline, folder: Path) -> Stage:
    return Stage(
        bootstrap=pipeline.kafka_url.removeprefix("kafka://"),
        partitions=PARTITIONS,
        folder=folder,
        group="",
        processed="",
        alerts="",
        database_url=pipeline.database_url,
    )


def test_watches_that_are_left_behind_are_known_as_if_they_had_been_published(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """One about an event and one about everything; what is published later joins them."""
    stage = a_stage(pipeline, tmp_path)
    leave_published(stage, [a_watch("one", what={"subjects": ["evt"]}), a_watch("all")])
    pipeline.worker("w1").start().until_ready()

    assert is_published(pipeline)
    publish(stage, [a_watch("later", what={"subjects": ["other"]})])
    show(pipeline, a_seat(120), a_seat(120, event_id="other"))
    show(pipeline, a_seat(90), a_seat(95, event_id="other"))

    until_decided(
        pipeline,
        ("raised", "one", "90"),
        ("raised", "all", "90"),
        ("raised", "all", "95"),
        ("raised", "later", "95"),
    )
