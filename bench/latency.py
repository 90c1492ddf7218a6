"""How long from the append to `raw_prices` to the receipt of the alert, under a steady stream.

Both times are taken from the records themselves: Kafka's append time of the raw price, and the
stand-in's log of when it accepted the embed with that record's id. One machine, one clock.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from conscope_app.core.ids import RecordId
from conscope_app.kafka.brokers import Brokers
from conscope_app.local.artifacts import prepare
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.postgres import PostgresServer
from conscope_app.store.migrate import upgrade
from conscope_app.topics.create import create_topics
from tests.broker.pipeline import Pipeline
from tests.discord_stand_in import DiscordStandIn

ROOT = Path(__file__).parents[1]
PARTITIONS = 8


def main() -> int:
    """Run once; exit code 1 where the audit or the count of rows is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=500, help="records a second")
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    artifacts = prepare(ROOT / ".conscope" / "artifacts")
    with tempfile.TemporaryDirectory(prefix="conscope-latency-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # root starts Postgres as another user, who has to enter
        with (
            KafkaServer(folder / "kafka", artifacts) as kafka,
            PostgresServer(folder / "postgres", artifacts) as postgres,
            DiscordStandIn() as discord,
        ):
            database_url = postgres.create_database("latency")
            upgrade(database_url)
            asyncio.run(create_topics(Brokers.plain(kafka.bootstrap), PARTITIONS, 1))
            pipeline = Pipeline(kafka.url, database_url, folder, discord)
            try:
                return measure(pipeline, kafka.bootstrap, options)
            finally:
                pipeline.stop()


def measure(pipeline: Pipeline, bootstrap: str, options: argparse.Namespace) -> int:
    """Stream, wait for the end, and report."""
    worker = pipeline.worker("w1").start().until_ready()
    produced = pipeline.run(
        *("produce", "mock", "--rate", str(options.rate), "--for", f"{options.seconds}s"),
        *("--seed", str(options.seed)),
        timeout_s=options.seconds + 60,
    )
    print(produced.stdout.strip().splitlines()[-1])
    pipeline.until_told()
    audit = pipeline.run("audit", "--wait", "60s", expect=None, timeout_s=300)
    print(audit.stdout)
    appended = asyncio.run(append_times(bootstrap))
    rows = pipeline.count("price_history")
    first_told: dict[str, float] = {}
    for told in pipeline.discord.told:
        first_told.setdefault(told.record_id, told.epoch_ms)
    report("append -> Discord", (at - appended[record] for record, at in first_told.items()))
    print(f"raw prices {len(appended)}, rows {rows}, alerts told {len(first_told)}")
    stopped = worker.stop()
    return 0 if audit.returncode == 0 and rows == len(appended) and stopped == 0 else 1


async def append_times(bootstrap: str) -> dict[str, int]:
    """Kafka's time of each raw price, in milliseconds since 1970, by record id."""
    partitions = [TopicPartition("raw_prices", at) for at in range(PARTITIONS)]
    times: dict[str, int] = {}
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    ) as consumer:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(p) < ends[p] for p in partitions]):
            for partition, records in (await consumer.getmany(timeout_ms=500)).items():
                for record in records:
                    record_id = RecordId(partition.topic, partition.partition, record.offset)
                    times[str(record_id)] = record.timestamp
    return times


def report(what: str, milliseconds: Iterable[float]) -> None:
    """Median, 99th percentile and worst."""
    sample = sorted(milliseconds)
    centiles = statistics.quantiles(sample, n=100)
    print(
        f"{what}: p50 {centiles[49]:.0f} ms, p90 {centiles[89]:.0f} ms, "
        f"p99 {centiles[98]:.0f} ms, max {sample[-1]:.0f} ms over {len(sample)}"
    )


if __name__ == "__main__":
    sys.exit(main())
