"""What a worker's sudden end must not change."""

import random

import pytest

from tests.broker.pipeline import Pipeline, Worker, eventually

pytestmark = pytest.mark.broker

RECORDS = 20_000
MESSAGE = 10  # embeds: what one kill between Discord's answer and the note of it may repeat


def feed_and_kill(pipeline: Pipeline, worker: Worker, kills: int, seed: int, *, wipe: bool) -> int:
    """Publish RECORDS while the worker is killed at random; returns the number of drops."""
    dice = random.Random(seed)
    at = sorted(dice.randrange(RECORDS // 20, RECORDS * 9 // 10) for _ in range(kills))
    source = pipeline.begin(
        "produce", "mock", "--count", str(RECORDS), "--rate", "1000", "--seed", str(seed)
    )
    for moment in at:
        worker.until_ready()
        eventually(lambda moment=moment: worker.processed() >= moment, what=f"{moment} records")
        worker.kill()
        if wipe:
            worker.wipe()
        worker.start()
    assert source.wait(timeout=60) == 0
    worker.until_ready()
    pipeline.audit()
    pipeline.until_told()
    return pipeline.count("price_drop_alerts")


@pytest.mark.parametrize(
    ("wipe", "seed"),
    [
        pytest.param(False, 11, id="same data directory"),
        pytest.param(True, 12, id="data directory wiped"),
    ],
)
def test_a_killed_worker_loses_nothing_and_doubles_nothing(
    pipeline: Pipeline, wipe: bool, seed: int
) -> None:
    """SIGKILL amid the records, three times; audit and Discord's own log agree afterwards."""
    worker = pipeline.worker("w1").start()
    kills = 3

    drops = feed_and_kill(pipeline, worker, kills, seed, wipe=wipe)

    assert pipeline.count("price_history") == RECORDS
    told = pipeline.told()
    assert len(told) == drops
    assert told.total() - drops <= kills * MESSAGE
