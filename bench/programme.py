"""A whole benchmark, scenario by scenario."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path

from bench.contestants import PEERS, Contestant
from bench.market_history import MarketHistory
from bench.own import NAME, worker
from bench.plan import Plan
from bench.premises import PARTITIONS, Premises
from bench.run import Run
from bench.scenarios import live_clients as live
from bench.scenarios.detection import (
    QUIET_OF_OWN_S,
    QUIET_OF_RARE_COMMITS_S,
    QUIET_S,
    Arena,
    contend,
)
from bench.scenarios.idle import idle
from bench.scenarios.latency import latency
from bench.scenarios.market import market
from bench.scenarios.pipeline import pipeline
from bench.scenarios.seats import seats
from bench.scenarios.storage import storage
from bench.scenarios.watch_latency import watch_latency
from bench.scenarios.watch_scale import Load, watch_scale
from bench.servers import BUSY, kafka, postgres
from bench.stage import RAW_PRICES, Stage
from bench.topics import Topics
from bench.workload import Workload
from conscope_app.local.kafka import QUICK

USUAL_SEATS = 10_000
_CLIENTS = 500  # that keep a page open
_DETECTION = ("track_prices",)
_BY_NAME = {peer.name: peer for peer in PEERS}


@dataclass
class Programme:
    """Runs a plan; `folder` is where servers and contestants keep what they write."""

    plan: Plan
    folder: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def runs(self, only: list[str] | None = None) -> Iterator[Run]:
        """Every run, as it is done."""
        busy: Mapping[str, Callable[[Premises], Iterator[Run]]] = {
            "detection": self._detection,
            "storage": self._storage,
            "pipeline": self._pipeline,
            "seats": self._seats,
            "growth": self._growth,
            "scaling": self._scaling,
        }
        quiet: Mapping[str, Callable[[], Iterator[Run]]] = {
            "latency": self._latency,
            "watch_latency": self._watch_latency,
            "watch_scale": self._watch_scale,
            "live_clients": self._live_clients,
            "live_bursts": self._live_bursts,
            "market": self._market,
            "idle": self._idle,
        }
        wanted = [scenario for name, scenario in busy.items() if only is None or name in only]
        if wanted:
            # One broker for all of them: a new one would compile itself during the first runs.
            with self._servers() as servers:
                if self.plan.warms_up:
                    self._own(servers, servers.arena(self._share(1)), "warm-up")
                for each in wanted:
                    yield from each(servers)
        for name, scenario in quiet.items():
            if only is None or name in only:
                yield from scenario()

    def _detection(self, servers: Premises) -> Iterator[Run]:
        """ConScope and its peers in turn, each round in the other direction."""
        peers = [peer for peer in PEERS if self.plan.peers is None or peer.name in self.plan.peers]
        arenas = {
            share: servers.arena(self._share(share), f"{RAW_PRICES}_{share:g}")
            for share in sorted({peer.share_of_records for peer in peers} - {1})
        }
        arenas[1] = servers.arena(self._share(1))
        for repetition in range(self.plan.repetitions):
            turn: list[Contestant | None] = [None, *peers]
            for peer in turn if repetition % 2 == 0 else reversed(turn):
                if peer is None:
                    yield self._own(servers, arenas[1], "detection")
                else:
                    yield self._peer(servers, arenas[peer.share_of_records], peer)

    def _share(self, share: float) -> Workload:
        records = round(self.plan.records * share)
        return Workload(records=records, seats=min(USUAL_SEATS, records // 5))

    def _own(
        self,
        servers: Premises,
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

    def _peer(self, servers: Premises, arena: Arena, peer: Contestant) -> Run:
        with servers.peer_stage(self._new_folder(), arena) as stage:
            return contend(
                arena,
                scenario="detection",
                contestant=peer.name,
                stage=stage,
                programs=[peer.start(stage)],
                quiet_s=QUIET_OF_RARE_COMMITS_S if peer.commits_rarely else QUIET_S,
                commits_rarely=peer.commits_rarely,
                warm_share=peer.warm_share,
            )

    def _storage(self, servers: Premises) -> Iterator[Run]:
        if self.plan.storage_rows:
            folder = self._new_folder()
            folder.mkdir()
            yield from storage(
                servers.kafka.bootstrap,
                servers.postgres,
                folder,
                self.plan.storage_rows,
                repetitions=self.plan.repetitions,
            )

    def _pipeline(self, servers: Premises) -> Iterator[Run]:
        if self.plan.pipeline_records:
            for workers in (1, 2):
                arena = servers.arena_to_open(Workload(records=self.plan.pipeline_records))
                arena.topics.renew_own()
                stage = servers.own_stage(self._new_folder(), PARTITIONS)
                yield pipeline(arena, stage, servers.postgres.pid, workers)

    def _latency(self) -> Iterator[Run]:
        for rate, drop_share in self.plan.rates:
            with self._quiet(track_commit_timestamp="on") as (_, stage, topics):
                yield latency(
                    stage, topics, rate=rate, seconds=self.plan.latency_s, drop_share=drop_share
                )

    def _watch_latency(self) -> Iterator[Run]:
        if self.plan.watch_latency_s:
            with self._quiet() as (_, stage, topics):
                yield watch_latency(stage, topics, rate=500, seconds=self.plan.watch_latency_s)

    def _watch_scale(self) -> Iterator[Run]:
        if self.plan.watches:
            load = Load(
                watches=self.plan.watches,
                events=self.plan.watches // 10,
                rate=5_000,
                seconds=self.plan.watches_s,
            )
            with self._quiet() as (servers, stage, topics):
                others = {"broker": servers.kafka.pid, "postgres": servers.postgres.pid}
                yield watch_scale(stage, topics, others, load)

    def _live_clients(self) -> Iterator[Run]:
        if self.plan.live_s:
            load = live.Load(clients=_CLIENTS, rate=500, seconds=self.plan.live_s)
            with self._quiet() as (servers, stage, topics):
                yield live.live_clients(stage, topics, servers.kafka.pid, load)

    def _live_bursts(self) -> Iterator[Run]:
        if burst := self.plan.live_burst:
            with self._quiet() as (servers, stage, topics):
                broker = servers.kafka.pid
                yield live.live_bursts(stage, topics, broker, clients=_CLIENTS, burst=burst)

    def _market(self) -> Iterator[Run]:
        if self.plan.market_rows:
            load = MarketHistory(rows=self.plan.market_rows, events=2_000, seats=200_000)
            with self._quiet() as (servers, stage, _):
                yield market(stage, servers.postgres.pid, load)

    def _seats(self, servers: Premises) -> Iterator[Run]:
        """Many seats; before and after them the usual number, as the machine drifts."""
        if not self.plan.seats:
            return
        few = Workload(records=self.plan.records)
        yield self._own(servers, servers.arena(few), "seats")
        arena = servers.arena(replace(few, seats=self.plan.seats))
        arena.topics.renew_own()
        stage = servers.own_stage(self._new_folder(), PARTITIONS)
        start = partial(worker, agents=_DETECTION)
        yield seats(arena, stage, NAME, start, quiet_s=QUIET_OF_OWN_S)
        peer = _BY_NAME["Kafka Streams, exactly once"]
        with servers.peer_stage(self._new_folder(), arena) as stage:
            yield seats(arena, stage, peer.name, peer.start, quiet_s=QUIET_S)
        yield self._own(servers, servers.arena(few), "seats")

    def _growth(self, servers: Premises) -> Iterator[Run]:
        """What is usual, then one condition after the other."""
        if not self.plan.growth:
            return
        usual = Workload(records=self.plan.records // 2)
        yield self._own(servers, servers.arena(usual), "growth")
        for condition, values in self.plan.growth:
            for value in values:
                if condition == "partitions":
                    # Many partitions have many slabs in hand at a time, which must be a small part.
                    records = usual.records * max(1, int(value) // PARTITIONS // 2)
                    many = replace(usual, records=records)
                    arena = servers.arena(many, partitions=int(value))
                else:
                    changed = {condition: value if condition == "drop_share" else int(value)}
                    arena = servers.arena(replace(usual, **changed))  # type: ignore[arg-type]  # by name
                yield self._own(servers, arena, "growth")

    def _scaling(self, servers: Premises) -> Iterator[Run]:
        for workers in self.plan.workers:
            arena = servers.arena_to_open(Workload(records=self.plan.records))
            conditions = {"workers": workers}
            yield self._own(servers, arena, "scaling", workers, conditions)

    def _idle(self) -> Iterator[Run]:
        if self.plan.idle:
            with self._quiet() as (_, stage, _):
                yield idle(stage)

    @contextmanager
    def _quiet(self, **settings: str) -> Iterator[tuple[Premises, Stage, Topics]]:
        """Servers that only one worker uses, without the broker's optimising compiler."""
        with self._servers(QUICK, **settings) as servers:
            topics = Topics(servers.kafka.bootstrap, PARTITIONS)
            topics.create(RAW_PRICES)
            topics.renew_own()
            yield servers, servers.own_stage(self._new_folder(), PARTITIONS), topics

    @contextmanager
    def _servers(self, jvm: Sequence[str] = BUSY, **settings: str) -> Iterator[Premises]:
        folder = self._new_folder()
        folder.mkdir()
        with kafka(folder, jvm) as broker, postgres(folder, **settings) as database:
            yield Premises(broker, database)

    def _new_folder(self) -> Path:
        return self.folder / f"{next(self._numbers)}"
