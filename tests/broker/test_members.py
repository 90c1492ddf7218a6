"""Workers that come, go, and come back when they should not."""

import time

import pytest

from tests.broker.pipeline import SESSION_S, Pipeline, eventually

pytestmark = pytest.mark.broker


def owners(pipeline: Pipeline) -> set[str]:
    """The workers that own partitions of raw_prices, as any running worker sees it."""
    for worker in pipeline.workers:
        stats = worker.get("/api/v1/stats") if worker.process.poll() is None else None
        if stats:
            feeds = {feed["agent"]: feed for feed in stats["feeds"]}
            return {p["worker"] for p in feeds["track_prices"]["partitions"]}
    return set()


def test_two_workers_then_three_then_one(pipeline: Pipeline) -> None:
    """Partitions spread over who is there, state follows, and nothing is lost or doubled."""
    source = pipeline.begin("produce", "mock", "--rate", "800", "--count", "24000", "--seed", "21")
    first, second = (pipeline.worker(name).start().until_ready() for name in ("w1", "w2"))
    eventually(lambda: len(owners(pipeline)) == 2, what="two owners")
    third = pipeline.worker("w3").start().until_ready()
    eventually(lambda: len(owners(pipeline)) == 3, what="three owners")

    assert first.stop() == 0
    assert second.stop() == 0

    assert source.wait(timeout=60) == 0
    third.until_ready()
    pipeline.audit()
    pipeline.until_told()
    assert pipeline.count("price_history") == 24_000
    told = pipeline.told()
    assert len(told) == told.total() == pipeline.count("price_drop_alerts")


def test_the_late_writes_of_a_stopped_worker_change_nothing(pipeline: Pipeline) -> None:
    """SIGSTOP past the session: another takes over; what wakes up later is fenced."""
    zombie = pipeline.worker("zombie").start().until_ready()
    source = pipeline.begin("produce", "mock", "--rate", "800", "--count", "24000", "--seed", "22")
    eventually(lambda: zombie.processed() > 2_000, what="the first records")

    zombie.freeze()
    heir = pipeline.worker("heir").start().until_ready()
    eventually(lambda: heir.processed() > 6_000, what="the heir at work")
    time.sleep(SESSION_S)  # the stop has to last longer than the session: that is the fault
    zombie.thaw()

    assert source.wait(timeout=60) == 0
    heir.until_ready()
    pipeline.audit()
    pipeline.until_told()
    assert pipeline.count("price_history") == 24_000
    assert len(pipeline.told()) == pipeline.count("price_drop_alerts")


def test_sigterm_under_load_ends_in_good_order(pipeline: Pipeline) -> None:
    """Exit code 0 within 30 s, and nothing doubled anywhere."""
    worker = pipeline.worker("w1").start().until_ready()
    source = pipeline.begin("produce", "mock", "--rate", "800", "--count", "8000", "--seed", "23")
    for moment in (1_500, 4_000):
        eventually(lambda moment=moment: worker.processed() > moment, what=f"{moment} records")
        assert worker.stop() == 0
        worker.start().until_ready()

    assert source.wait(timeout=60) == 0
    pipeline.audit()
    pipeline.until_told()
    told = pipeline.told()
    assert len(told) == told.total() == pipeline.count("price_drop_alerts")
