"""One deployment under a steady stream, for one scenario."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Protocol, Self

from conscope_app.core.clock import monotonic_s, utc_now
from conscope_app.kafka.brokers import Brokers
from conscope_app.local.artifacts import Artifacts
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.postgres import PostgresServer
from conscope_app.store.migrate import upgrade
from conscope_app.topics.create import create_topics
from conscope_app.topics.tickets import ALL as TOPICS
from conscope_app.topics.tickets import RAW_PRICES, TopicSpec
from tests.broker.pipeline import Pipeline, T, Worker, eventually
from tests.chaos.arrivals import Arrivals
from tests.chaos.clocks import MovableClock
from tests.chaos.crew import Crew
from tests.chaos.ends import appended, behind, topic_ends
from tests.chaos.kafka_cluster import KafkaCluster
from tests.chaos.scenario import Scenario
from tests.chaos.small_disk import POSTGRES_SETTINGS, small_disk
from tests.chaos.snapshots_in import SnapshotsIn
from tests.chaos.stream_in import StreamIn
from tests.chaos.verdict import Due, Row, Telling, judge_audit, judge_tellings, weigh_tellings
from tests.chaos.watches.company import Company
from tests.discord_stand_in import DiscordStandIn

CATCH_UP_S = 180.0
AT_REST_S = 120.0
AUDIT_S = 240.0
_MIGRATING = threading.Lock()  # Alembic keeps what it works on in globals, and lanes are threads
SETTLE_S = 2.0  # of stream before the first fault and after the last
STREAM_WITHIN_S = 60.0  # a source that the faults ended has to come back, on a busy machine too


class Stream(Protocol):
    """What sends the steady stream, from when it is made."""

    def stop(self) -> None:
        """End it; everything that it had in hand is in the log."""


class Trial:
    """Servers, workers, a stream in, and a record of what was done to them.

    `with Trial(…) as trial:` starts the servers; `trial.begin(workers)` the workers and the stream.
    Every fault that may fall between a channel's answer and the note of it is told by `cut`.
    """

    def __init__(
        self, scenario: Scenario, *, seed: int, folder: Path, artifacts: Artifacts
    ) -> None:
        self.scenario = scenario
        self.seed = seed
        self.folder = folder
        self.artifacts = artifacts
        self.crew = Crew()
        self.notes: list[str] = []
        self.broken: list[str] = []
        self.may_repeat = 0
        self.struck: int | None = None  # how often, where the scenario does not say so beforehand
        self.expects_stay_down = False
        self.kafka: KafkaServer  # where one broker is demanded
        self.cluster: KafkaCluster  # where three are
        self.postgres: PostgresServer
        self.discord: DiscordStandIn
        self.pipeline: Pipeline
        self.brokers: list[str] = []
        self._cuts: list[float] = []
        self._stack = ExitStack()
        self._stream: Stream | None = None
        self._snapshots: SnapshotsIn | None = None
        self._checks: list[Callable[[], None]] = []
        self._clocks: dict[str, MovableClock] = {}
        self._arrivals: Arrivals | None = None
        self._company: Company | None = None  # of those who watch, where the scenario has any

    def __enter__(self) -> Self:
        try:
            self._start_servers()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.crew.close()
        people = None if self._company is None else self._company.people
        for end in (self._stream, self._snapshots, self._arrivals, people):
            if end is not None:
                end.stop()
        self._stack.close()

    def begin(self, workers: int, **settings: str) -> list[Worker]:
        """Start workers and the stream, and let it run for a moment."""
        hired = [self.hire(f"w{number + 1}", **settings) for number in range(workers)]
        self.crew.until_ready()
        self.stream()
        return hired

    def hire(self, name: str, *, module: str = "faust", **settings: str) -> Worker:
        """A supervised worker; `module` is what Python runs in place of Faust's command."""
        return self.crew.hire(self.pipeline.worker(name, module=module, **settings))

    def stream(self, source: "Stream | None" = None) -> None:
        """Begin the steady stream, or take this one; what it leads to is timed from now on."""
        demand = self.scenario.demand
        if self._arrivals is None:
            self._arrivals = Arrivals(self.brokers, demand.partitions)
        if demand.watches and self._company is None:
            dice = Random(f"{self.seed}/{self.scenario.name}/watches")
            self._company = Company(self.pipeline, self.brokers, demand.partitions, dice)
            self._company.people.begin()
            self._company.people.go_on()
        if demand.snapshots and self._snapshots is None:
            dice = Random(f"{self.seed}/{self.scenario.name}/snapshots")
            self._snapshots = SnapshotsIn(self.brokers, rate=demand.snapshots, dice=dice)
        self._stream = source or StreamIn(self.pipeline, rate=demand.rate, seed=self.seed)
        self._let_prices_come_in("before the first fault")

    def enter(self, held: AbstractContextManager[T]) -> T:
        """Hold something until the very end, when all has been compared."""
        return self._stack.enter_context(held)

    @property
    def postgres_folder(self) -> Path:
        """Where Postgres keeps its data."""
        return self.folder / "postgres"

    def clock(self, name: str) -> MovableClock:
        """The clock of that name: Kafka's, Postgres', or one that workers are hired with."""
        if name not in self._clocks:
            self._clocks[name] = MovableClock(self.folder, name)
        return self._clocks[name]

    def rest(self, dice: Random, least_s: float, most_s: float) -> None:
        """Let a random time pass between two faults."""
        time.sleep(dice.uniform(least_s, most_s))

    def cut(self) -> None:
        """Note a fault that may fall between a channel's answer and the note of it: now."""
        self._cuts.append(utc_now().timestamp())

    def check_at_end(self, check: Callable[[], None]) -> None:
        """Have something looked at when the stream has ended and all of it is worked off."""
        self._checks.append(check)

    def demand(self, holds: bool, promise: str) -> None:
        """Note a promise of the scenario's own that does not hold."""
        if not holds:
            self.broken.append(promise)

    def stats(self) -> dict[str, Any] | None:
        """`/api/v1/stats` of any worker that answers."""
        for worker in self.crew.members:
            stats: dict[str, Any] | None = worker.get("/api/v1/stats")
            if stats and stats["totals"] is not None:
                return stats
        return None

    def compared(self) -> int:
        """How many raw prices the cluster has taken."""
        stats = self.stats()
        return 0 if stats is None else int(stats["totals"]["records"])

    def until(self, holds: Callable[[], Any], *, within_s: float, what: str) -> bool:
        """Wait for something; where it does not come, that is a broken promise."""
        try:
            eventually(holds, within_s=within_s, what=what)
        except AssertionError as late:
            self.broken.append(str(late))
            return False
        return True

    def conclude(self, row: Row) -> None:
        """End the stream, wait until all is worked off, and compare everything with its input."""
        faults_over = monotonic_s()
        if self._stream is not None:
            self._let_prices_come_in("after the last fault")
            self._stream.stop()
            self._stream = None
        if self._snapshots is not None:
            self._snapshots.stop()
            self.broken += filter(None, [self._snapshots.trouble])
        if self._company is not None:
            self._company.people.finish()
        if self._caught_up() and self._is_at_rest():
            row.caught_up_s = round(monotonic_s() - faults_over, 1)
        if self._arrivals is not None:
            self._arrivals.stop()
            row.stall_s = round(self._arrivals.longest_stall_s, 1)
        for check in self._checks:
            check()
        self._audit(row)
        self._weigh_tellings(row)
        if self._company is not None:
            self._company.judge(row, self._all_cuts)
        self._weigh_ends(row)
        row.times = row.times if self.struck is None else self.struck
        row.notes += self.notes
        row.broken += self.broken

    def abandon(self) -> None:
        """Kill the workers, the source and the servers, from whatever thread."""
        self.crew.close()
        if self.scenario.demand.brokers == 1:
            self.kafka.kill()
        else:
            self.cluster.kill_all()
        self.postgres.kill()
        self.pipeline.stop()

    def tellings(self) -> list[Telling]:
        """What the stand-in took of drops, in order: what watches have to say is weighed apart."""
        return [
            Telling(told.record_id, told.message_id, told.epoch_ms / 1000)
            for told in self.discord.told
            if self._company is None or told.record_id.startswith(f"{RAW_PRICES.name}-")
        ]

    def _start_servers(self) -> None:
        demand = self.scenario.demand
        self._start_kafka()
        self._start_postgres()
        with _MIGRATING:
            upgrade(self.postgres.url)
        asyncio.run(
            create_topics(
                Brokers.plain(*self.brokers),
                partitions=demand.partitions,
                replication_factor=demand.brokers,
                specs=[self._as_demanded(spec) for spec in TOPICS],
            )
        )
        self.discord = self._stack.enter_context(DiscordStandIn())
        self.pipeline = Pipeline(self._kafka_url, self.postgres.url, self.folder, self.discord)
        self.pipeline.environment["CONSCOPE_PARTITIONS"] = str(demand.partitions)
        self._stack.callback(self.pipeline.stop)

    def _let_prices_come_in(self, when: str) -> None:
        """The source is a process of its own, and may be starting or on its way back: wait for it.

        A fault that no record came before, or none after, has shown nothing.
        """
        partitions = self.scenario.demand.partitions
        before = appended(self.brokers, partitions)
        self.until(
            lambda: appended(self.brokers, partitions) > before,
            within_s=STREAM_WITHIN_S,
            what=f"raw prices {when}",
        )
        time.sleep(SETTLE_S)

    def _as_demanded(self, spec: TopicSpec) -> TopicSpec:
        configs = self.scenario.demand.topic_configs.get(spec.name, {})
        return replace(spec, extra={**spec.extra, **configs})

    def _start_kafka(self) -> None:
        demand = self.scenario.demand
        if demand.brokers > 1:
            self._start_cluster()
            return
        self.kafka = self._stack.enter_context(
            KafkaServer(
                self.folder / "kafka",
                self.artifacts,
                properties=demand.own_kafka_properties,
                environment=self._environment_of("kafka"),
            )
        )
        self.brokers = [self.kafka.bootstrap]
        self._kafka_url = self.kafka.url

    def _start_cluster(self) -> None:
        demand = self.scenario.demand
        self.cluster = self._stack.enter_context(
            KafkaCluster(
                self.folder / "kafka",
                self.artifacts,
                properties=demand.own_kafka_properties,
                environment=self._environment_of("kafka"),
            )
        )
        self.brokers = self.cluster.bootstrap
        self._kafka_url = self.cluster.url

    def _start_postgres(self) -> None:
        demand = self.scenario.demand
        if demand.small_disk:
            self._stack.enter_context(small_disk(self.postgres_folder))
        self.postgres = self._stack.enter_context(
            PostgresServer(
                self.postgres_folder,
                self.artifacts,
                settings=POSTGRES_SETTINGS if demand.small_disk else {},
                environment=self._environment_of("postgres"),
            )
        )

    def _environment_of(self, server: str) -> dict[str, str]:
        return self.clock(server).environment if self.scenario.demand.movable_clocks else {}

    def _caught_up(self) -> bool:
        partitions = self.scenario.demand.partitions

        def all_is_read() -> bool:
            stats = self.stats()
            return stats is not None and not behind(stats, topic_ends(self.brokers, partitions))

        def all_is_told() -> bool:
            return self.pipeline.count("deliveries", "status = 'waiting'") == 0

        return self.until(
            all_is_read, within_s=CATCH_UP_S, what="all agents at the end of their topics"
        ) and self.until(all_is_told, within_s=CATCH_UP_S, what="all alerts told")

    def _is_at_rest(self) -> bool:
        """Watches go by the time as well: wait until it changes nothing any more."""
        company = self._company
        if company is None:
            return True
        return (
            self.until(company.is_at_rest, within_s=AT_REST_S, what="watches with nothing due")
            and self._caught_up()
            and self.until(company.nothing_waits, within_s=CATCH_UP_S, what="all episodes told")
        )

    def _audit(self, row: Row) -> None:
        report = self.pipeline.audit_report(timeout_s=AUDIT_S)
        judge_audit(row, report, with_snapshots=self.scenario.demand.snapshots > 0)

    def _weigh_tellings(self, row: Row) -> None:
        due = [
            Due(f"raw_prices-{partition}-{offset}", partition, offset, event_id)
            for partition, offset, event_id in self.pipeline.query(
                "SELECT raw_partition, raw_offset, event_id FROM deliveries"
            )
        ]
        tellings = weigh_tellings(due, self.tellings(), self._all_cuts)
        judge_tellings(row, len(due), tellings, may_repeat=self.may_repeat)

    @property
    def _all_cuts(self) -> list[float]:
        # A worker that ends itself may cut a message off from its note too.
        return [*self._cuts, *self.crew.ends.at]

    def _weigh_ends(self, row: Row) -> None:
        ends = self.crew.ends
        if ends.codes:
            codes = sorted(f"{name} {code}" for name, code in ends.codes)
            row.notes.append(f"ended and were started again: {', '.join(codes)}")
        if ends.stayed_down and not self.expects_stay_down:
            row.broken += ends.stayed_down
