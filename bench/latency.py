"""How long from the append to `raw_prices` to the receipt of the alert, under a steady stream.

Both times are taken from the records themselves: Kafka's append time of the raw price, and the
stand-in's log of when it accepted the embed with that record's id. One machine, one clock.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from bench.delays import Times, appended, centiles
from bench.stage import RAW_PRICES
from bench.topics import Topics
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
    begins = appended(bootstrap, Topics(bootstrap, PARTITIONS).ends(RAW_PRICES))
    rows = pipeline.count("price_history")
    first_told: dict[str, float] = {}
    for told in pipeline.discord.told:
        first_told.setdefault(told.record_id, told.epoch_ms)
    report("append -> Discord", begins, first_told)
    print(f"raw prices {len(begins)}, rows {rows}, alerts told {len(first_told)}")
    stopped = worker.stop()
    return 0 if audit.returncode == 0 and rows == len(begins) and stopped == 0 else 1


def report(what: str, begins: Times, seen: Times) -> None:
    """Print the distribution of how long it took."""
    took = centiles(begins, seen)
    count = took.pop("count", 0)
    told = ", ".join(f"{name.removesuffix('_ms')} {ms:.0f} ms" for name, ms in took.items())
    print(f"{what}: {told or 'nothing to tell'} over {count}")


if __name__ == "__main__":
    sys.exit(main())
