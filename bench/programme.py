"""A whole benchmark, scenario by scenario, each on servers of its own."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

from bench.contestants import PEERS, Contestant
from bench.own import ALERTS, NAME, PROCESSED, worker
from bench.plan import Plan
from bench.run import Run
from bench.scenarios.detection import QUIET_OF_OWN_S, QUIET_S, Arena, contend
from bench.scenarios.idle import idle
from bench.scenarios.latency import latency
from bench.scenarios.pipeline import pipeline
from bench.scenarios.seats import seats
from bench.scenarios.storage import storage
from bench.servers import kafka, postgres
from bench.stage import RAW_PRICES, Stage
from bench.topics import Topics
from bench.workload import Workload, fill
from conscope_app.core.clock import utc_now
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.postgres import PostgresServer
from conscope_app.store.migrate import upgrade

PARTITIONS = 8
_DETECTION = ("track_prices",)
_SHORT = "raw_prices_short"
_BY_NAME = {peer.name: peer for peer in PEERS}


@dataclass
class Programme:
    """Runs a plan; `folder` is where servers and contestants keep what they write."""

    plan: Plan
    folder: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def runs(self, only: list[str] | None = None) -> Iterator[Run]:
        """Every run, as it is done."""
        scenarios: Mapping[str, Callable[[], Iterator[Run]]] = {
            "detection": self._detection,
            "storage": self._storage,
            "pipeline": self._pipeline,
            "latency": self._latency,
            "seats": self._seats,
            "growth": self._growth,
            "scaling": self._scaling,
            "idle": self._idle,
        }
        for name, scenario in scenarios.items():
            if only is None or name in only:
                yield from scenario()

    def _detection(self) -> Iterator[Run]:
        """ConScope and its peers in turn, each round in the other direction."""
        peers = [peer for peer in PEERS if self.plan.peers is None or peer.name in self.plan.peers]
        with self._servers() as servers:
            arena = servers.arena(Workload(records=self.plan.records))
            short: dict[float, Arena] = {}
            for repetition in range(self.plan.repetitions):
                turn: list[Contestant | None] = [None, *peers]
                for peer in turn if repetition % 2 == 0 else reversed(turn):
                    if peer is None:
                        yield self._own(servers, arena, "detection")
                        continue
                    share = peer.share_of_records
                    if share < 1 and share not in short:
                        records = round(self.plan.records * share)
                        workload = Workload(records=records, seats=records // 5)
                        short[share] = servers.arena(workload, f"{_SHORT}_{records}")
                    yield self._peer(servers, short.get(share, arena), peer)

    def _own(
        self,
        servers: "_Servers",
        arena: Arena,
        scenario: str,
        workers: int = 1,
        parameters: Mapping[str, float] | None = None,
    ) -> Run:
        arena.topics.renew_own()
        stage = servers.own_stage(self._new_folder(), arena.topics.partitions)
        return contend(
            arena,
            scenario=scenario,
            contestant=NAME,
            stage=stage,
            programs=[worker(stage, _DETECTION, f"worker-{at}") for at in range(workers)],
            quiet_s=QUIET_OF_OWN_S,
            parameters=parameters,
        )

    def _peer(self, servers: "_Servers", arena: Arena, peer: Contestant) -> Run:
        with servers.peer_stage(self._new_folder(), arena) as stage:
            return contend(
                arena,
                scenario="detection",
                contestant=peer.name,
                stage=stage,
                programs=[peer.start(stage)],
                quiet_s=QUIET_S,
            )

    def _storage(self) -> Iterator[Run]:
        if self.plan.storage_rows:
            with self._servers() as servers:
                folder = self._new_folder()
                folder.mkdir()
                yield from storage(
                    servers.kafka.bootstrap,
                    servers.postgres,
                    folder,
                    self.plan.storage_rows,
                    repetitions=self.plan.repetitions,
                )

    def _pipeline(self) -> Iterator[Run]:
        if self.plan.pipeline_records:
            with self._servers() as servers:
                arena = servers.arena(Workload(records=self.plan.pipeline_records))
                for workers in (1, 2):
                    arena.topics.renew_own()
                    stage = servers.own_stage(self._new_folder(), PARTITIONS)
                    yield pipeline(arena, stage, servers.postgres.pid, workers)

    def _latency(self) -> Iterator[Run]:
        for rate, drop_share in self.plan.rates:
            with self._servers(track_commit_timestamp="on") as servers:
                topics = Topics(servers.kafka.bootstrap, PARTITIONS)
                topics.create(RAW_PRICES)
                topics.renew_own()
                yield latency(
                    servers.own_stage(self._new_folder(), PARTITIONS),
                    topics,
                    rate=rate,
                    seconds=self.plan.latency_s,
                    drop_share=drop_share,
                )

    def _seats(self) -> Iterator[Run]:
        if not self.plan.seats:
            return
        with self._servers() as servers:
            for size in (10_000, self.plan.seats):
                arena = servers.arena(Workload(records=self.plan.records, seats=size))
                arena.topics.renew_own()
                stage = servers.own_stage(self._new_folder(), PARTITIONS)
                start = partial(worker, agents=_DETECTION)
                yield seats(arena, stage, NAME, start, quiet_s=QUIET_OF_OWN_S)
            peer = _BY_NAME["Kafka Streams, exactly once"]
            with servers.peer_stage(self._new_folder(), arena) as stage:
                yield seats(arena, stage, peer.name, peer.start, quiet_s=QUIET_S)

    def _growth(self) -> Iterator[Run]:
        records = self.plan.records // 2
        for condition, values in self.plan.growth:
            with self._servers() as servers:
                for value in values:
                    partitions = int(value) if condition == "partitions" else PARTITIONS
                    workload = Workload(records=records)
                    if condition != "partitions":
                        whole = condition != "drop_share"
                        changed = {condition: int(value) if whole else value}
                        workload = Workload(records=records, **changed)  # type: ignore[arg-type]  # by name
                    arena = servers.arena(workload, partitions=partitions)
                    yield self._own(servers, arena, "growth")

    def _scaling(self) -> Iterator[Run]:
        if self.plan.workers:
            with self._servers() as servers:
                arena = servers.arena(Workload(records=self.plan.records))
                for workers in self.plan.workers:
                    conditions = {"workers": workers}
                    yield self._own(servers, arena, "scaling", workers, conditions)

    def _idle(self) -> Iterator[Run]:
        if self.plan.idle:
            with self._servers() as servers:
                topics = Topics(servers.kafka.bootstrap, PARTITIONS)
                topics.create(RAW_PRICES)
                topics.renew_own()
                yield idle(servers.own_stage(self._new_folder(), PARTITIONS))

    @contextmanager
    def _servers(self, **settings: str) -> Iterator["_Servers"]:
        folder = self._new_folder()
        folder.mkdir()
        with kafka(folder) as broker, postgres(folder, **settings) as database:
            yield _Servers(broker, database)

    def _new_folder(self) -> Path:
        return self.folder / f"{next(self._numbers)}"


@dataclass
class _Servers:
    kafka: KafkaServer
    postgres: PostgresServer
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def arena(
        self, workload: Workload, raw: str = RAW_PRICES, partitions: int = PARTITIONS
    ) -> Arena:
        """Raw prices in a topic that is made anew."""
        topics = Topics(self.kafka.bootstrap, partitions)
        topics.remove([raw])
        topics.create(raw)
        return Arena(
            bootstrap=self.kafka.bootstrap,
            broker_pid=self.kafka.pid,
            topics=topics,
            raw=raw,
            workload=workload,
            expected=fill(workload, self.kafka.bootstrap, raw, utc_now()),
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
