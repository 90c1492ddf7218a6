"""Where runs take place: topics of raw prices, and what is empty for each contestant."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from bench.own import ALERTS, PROCESSED
from bench.scenarios.detection import Arena
from bench.stage import RAW_PRICES, Stage
from bench.topics import Topics
from bench.workload import Expected, Workload, fill
from conscope_app.core.clock import utc_now
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.postgres import PostgresServer
from conscope_app.store.migrate import upgrade

PARTITIONS = 8


@dataclass
class Premises:
    """A broker and a database, and on them what each run gets for itself."""

    kafka: KafkaServer
    postgres: PostgresServer
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def arena(
        self, workload: Workload, raw: str = RAW_PRICES, partitions: int = PARTITIONS
    ) -> Arena:
        """Raw prices in a topic that is made anew."""
        topics = self._emptied(raw, partitions)
        expected = fill(workload, self.kafka.bootstrap, raw, utc_now())
        return self._arena(topics, raw, workload, expected)

    def arena_to_open(self, workload: Workload) -> Arena:
        """The topic is empty; the raw prices are made already, and poured in when it is opened."""
        topics, expected = self._emptied(RAW_PRICES, PARTITIONS), Expected()
        prices = list(expected.counting(workload.prices(utc_now())))
        return replace(self._arena(topics, RAW_PRICES, workload, expected), prices=prices)

    def _emptied(self, raw: str, partitions: int) -> Topics:
        topics = Topics(self.kafka.bootstrap, partitions)
        topics.remove([raw])
        topics.create(raw)
        return topics

    def _arena(self, topics: Topics, raw: str, workload: Workload, expected: Expected) -> Arena:
        return Arena(
            bootstrap=self.kafka.bootstrap,
            broker_pid=self.kafka.pid,
            topics=topics,
            raw=raw,
            workload=workload,
            expected=expected,
        )

    def own_stage(self, folder: Path, partitions: int) -> Stage:
        """The product's own topics, and an empty database."""
        url = self.postgres.create_database(f"bench_{next(self._numbers)}")
        upgrade(url)
        return Stage(
            bootstrap=self.kafka.bootstrap,
            partitions=partitions,
            folder=folder,
            group="",  # the product's groups have names of their own
            processed=PROCESSED,
            alerts=ALERTS,
            database_url=url,
        )

    @contextmanager
    def peer_stage(self, folder: Path, arena: Arena) -> Iterator[Stage]:
        """Empty topics for a peer, removed in the end."""
        name = f"peer_{next(self._numbers)}"
        stage = Stage(
            bootstrap=self.kafka.bootstrap,
            partitions=arena.topics.partitions,
            folder=folder,
            group=name,
            processed=f"{name}_processed",
            alerts=f"{name}_alerts",
            raw=arena.raw,
        )
        arena.topics.create_outputs(stage.processed, stage.alerts)
        try:
            yield stage
        finally:
            arena.topics.remove([stage.processed, stage.alerts])
