"""Workers that do a part of the work each, and what is said where nobody does a part."""

from typing import Any

import pytest

from tests.broker.pipeline import Pipeline, Worker, eventually

pytestmark = pytest.mark.broker

RECORDS = 400


def unread_topics(worker: Worker) -> set[str]:
    """The topics of which this worker's page says that nobody reads them."""
    stats: Any = worker.get("/api/v1/stats") or {"feeds": []}
    return {
        feed["topic"]
        for feed in stats["feeds"]
        if all(partition["state"] == "unowned" for partition in feed["partitions"])
    }


def test_parts_make_a_whole(pipeline: Pipeline) -> None:
    """A worker that only compares is ready by itself, and shows what nobody does."""
    detector = pipeline.worker("w1", CONSCOPE_AGENTS="track_prices").start().until_ready()
    made = ("produce", "mock", "--rate", "2000", "--count", str(RECORDS), "--seed", "3")
    pipeline.run(*made)
    eventually(lambda: detector.processed() == RECORDS, what="every price compared")
    eventually(
        lambda: unread_topics(detector) == {"processed_prices", "price_alerts"},
        what="the page naming what nobody reads",
    )
    assert pipeline.count("price_history") == 0

    parts = "store_prices,store_alerts,deliver_alerts"
    pipeline.worker("w2", CONSCOPE_AGENTS=parts).start().until_ready()

    eventually(lambda: pipeline.count("price_history") == RECORDS, what="every price stored")
    pipeline.until_told()
    eventually(lambda: unread_topics(detector) == set(), what="every topic read")
    pipeline.run("audit", "--wait", "60s")
