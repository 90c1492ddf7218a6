"""Records that are removed before they were read: an alarm that stands until somebody ends it."""

import asyncio
import json
import re
import urllib.error
import urllib.request

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from conscope_app.local.kafka import KafkaServer
from tests.broker.pipeline import Pipeline, Worker, eventually

pytestmark = pytest.mark.broker

REASON = re.compile(r"track_prices: (\d+) offsets of raw_prices-(\d) were removed before they were")


def reasons(worker: Worker) -> list[str] | None:
    """Why the worker is not ready; None while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{worker.port}/health/ready", timeout=2):
            return []
    except urllib.error.HTTPError as error:
        found: list[str] = json.load(error)["reasons"]
        return found
    except OSError:
        return None


def lost(worker: Worker) -> dict[int, int]:
    """Offsets that readiness misses, by partition; nothing while there are other reasons too."""
    found = [REASON.match(why) for why in reasons(worker) or ["does not answer"]]
    return {int(each[2]): int(each[1]) for each in found if each} if all(found) else {}


def page_of(worker: Worker) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{worker.port}/", timeout=5) as answer:
        return str(answer.read().decode())


async def remove_everything(kafka: KafkaServer, topic: str) -> None:
    """As retention would after a week."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    await admin.delete_records(
        {TopicPartition(topic, partition): RecordsToDelete(-1) for partition in range(8)}
    )
    await admin.close()


def test_a_loss_raises_an_alarm_until_it_is_acknowledged(
    pipeline: Pipeline, kafka: KafkaServer
) -> None:
    """In readiness, in the stats and on the page; a killed worker does not take it along."""
    worker = pipeline.worker("w1").start().until_ready()
    pipeline.run("produce", "mock", "--count", "1000", "--rate", "0", "--seed", "41")
    eventually(lambda: pipeline.count("price_history") == 1_000, what="the first records")
    assert "Nothing was removed" in pipeline.run("losses").stdout
    assert worker.stop() == 0

    pipeline.run("produce", "mock", "--count", "400", "--rate", "0", "--seed", "42")
    asyncio.run(remove_everything(kafka, "raw_prices"))
    worker.start()
    told = eventually(lambda: lost(worker), what="the alarm")
    assert sum(told.values()) == 400
    worker.kill()
    worker.start()
    assert eventually(lambda: lost(worker), what="the alarm after a kill") == told
    by_partition = eventually(lambda: lost_by_stats(worker), what="the alarm in the stats")
    assert by_partition == told
    page = page_of(worker)
    assert 'role="alert" data-notice="records_lost"' in page
    for partition, offsets in told.items():
        assert f"up to {offsets} records of raw_prices, partition {partition}." in page

    first, *others = told
    listed = pipeline.run("losses").stdout.splitlines()
    assert listed == [
        f"track_prices raw_prices-{partition}: {offsets} offsets removed unread, "
        f"{offsets} not acknowledged"
        for partition, offsets in sorted(told.items())
    ]
    chosen = ("--agent", "track_prices", "--partition", str(first))
    assert f"raw_prices-{first}" in pipeline.run("losses", "acknowledge", *chosen).stdout
    eventually(lambda: lost(worker).keys() == set(others), what="the rest of the alarm")
    pipeline.run("losses", "acknowledge")
    worker.until_ready()
    eventually(lambda: not lost_by_stats(worker), what="stats without an alarm")
    assert "records_lost" not in page_of(worker)

    pipeline.run("produce", "mock", "--count", "500", "--rate", "0", "--seed", "43")
    eventually(lambda: pipeline.count("price_history") == 1_500, what="records after the loss")
    assert worker.stop() == 0
    worker.start().until_ready()
    stats = worker.get("/api/v1/stats")
    assert sum(each["offsets"] for each in stats["losses"]) == 400


def lost_by_stats(worker: Worker) -> dict[int, int]:
    """Offsets that nobody has acknowledged, by partition of raw_prices, as the API says."""
    losses = (worker.get("/api/v1/stats") or {"losses": []})["losses"]
    return {
        each["partition"]: each["unacknowledged"]
        for each in losses
        if each["agent"] == "track_prices" and each["unacknowledged"]
    }


def test_a_write_that_hangs_is_said_before_it_is_given_up(
    pipeline: Pipeline, kafka: KafkaServer
) -> None:
    """Kafka is killed amid transactions, whose producers wait for it for three times as long."""
    worker = pipeline.worker("w1").start().until_ready()
    pipeline.begin("produce", "mock", "--rate", "2000", "--seed", "44")
    eventually(lambda: worker.processed() > 2_000, what="a stream of records")

    kafka.kill()
    why = eventually(
        lambda: [each for each in reasons(worker) or [] if each.endswith("s for its write")],
        within_s=14,
        what="a reason",
    )
    assert re.fullmatch(r"track_prices: raw_prices-\d has waited \d+ s for its write", why[0])

    kafka.start()
    if worker.process.poll() is not None:
        worker.start()  # what a supervisor would do
    worker.until_ready()
