"""Servers that are away, and what goes on meanwhile."""

import pytest

from conscope_app.local.artifacts import Artifacts
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.postgres import PostgresServer
from tests.broker.pipeline import Pipeline, eventually

pytestmark = pytest.mark.broker


def test_detection_goes_on_without_the_database(
    pipeline: Pipeline, postgres_server: PostgresServer, artifacts: Artifacts
) -> None:
    """Postgres killed: prices are still compared, readiness says why; the rows arrive later."""
    worker = pipeline.worker("w1").start().until_ready()
    pipeline.run("produce", "mock", "--count", "1000", "--rate", "0", "--seed", "31")
    eventually(lambda: pipeline.count("price_history") == 1_000, what="rows before the outage")

    postgres_server.kill()
    try:
        pipeline.run("produce", "mock", "--count", "2000", "--rate", "0", "--seed", "31")
        eventually(lambda: worker.processed() == 3_000, what="detection without a database")
        assert worker.get("/health/live") is not None
        assert worker.get("/health/ready") is None  # 503
        assert worker.get("/api/v1/stats")["alerts"] is None
        second = pipeline.worker("w2").start()
        eventually(lambda: second.get("/health/live"), what="a rebalance without a database")
    finally:
        postgres_server.start()

    worker.until_ready()
    eventually(lambda: pipeline.count("price_history") == 3_000, what="rows after the outage")
    pipeline.audit()
    pipeline.until_told()
    assert len(pipeline.told()) == pipeline.count("price_drop_alerts")


def test_workers_outlive_their_broker(pipeline: Pipeline, kafka: KafkaServer) -> None:
    """Kafka killed for a few seconds amid the records: everything is there afterwards."""
    worker = pipeline.worker("w1").start().until_ready()
    pipeline.run("produce", "mock", "--count", "3000", "--rate", "0", "--seed", "32")

    kafka.kill()
    kafka.start()

    if worker.process.poll() is not None:
        worker.start()  # what a supervisor would do
    pipeline.run("produce", "mock", "--count", "3000", "--rate", "0", "--seed", "33")
    eventually(lambda: pipeline.count("price_history") == 6_000, within_s=90, what="all rows")
    pipeline.audit()
