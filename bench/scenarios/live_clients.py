"""Hundreds of live pages on one worker: how old is what they show, and what detection pays.

Two scenarios: a steady stream for ten minutes, whose ages and memory count, and bursts, which say
what detection does beside the pages in units of what it does alone.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import msgspec

from bench.live_listeners import Seen
from bench.marks import Stalled, follow, timed
from bench.own import NAME, PROCESSED, worker
from bench.process import Contending
from bench.run import Run
from bench.scenarios.detection import rates
from bench.scenarios.ready import until_ready
from bench.servers import ROOT
from bench.stage import RAW_PRICES, Stage
from bench.topics import Topics
from bench.usage import Usage, usage_of
from bench.workload import END_SHARE, WARM_SHARE, Price, Workload, pour
from conscope_app.core.clock import monotonic_s, utc_now

STEADY, BURSTS = "live_clients", "live_bursts"
PAGES = ("overview",)

_DROP_SHARE = 0.02  # as in the other scenarios at a rate that no channel could tell of
_WITH = (False, True, False, True, False)  # in turn, as the machine drifts
_QUIET_S = 2.0
_SETTLES_S = 5.0
_FIRST_LOOK_S = 60.0
_ENDS_WITHIN_S = 30.0
_LEAST_SHARE_OF_RATE = 0.97


@dataclass(frozen=True, kw_only=True)
class Load:
    """How many clients listen for how long, at which rate."""

    clients: int
    rate: float
    seconds: float


def live_clients(stage: Stage, topics: Topics, broker_pid: int, load: Load) -> Run:
    """One worker with all its agents, and all clients on its pages, in a process of their own.

    The ages that count are those of a steady stream, with the worker's processor time and memory:
    for a while alone, then with the clients for the whole time.
    """
    parameters = {"clients": load.clients, "rate": load.rate, "seconds": load.seconds}
    return _tried(
        stage, topics, broker_pid, STEADY, parameters, lambda trial, port: trial.steady(port, load)
    )


def live_bursts(stage: Stage, topics: Topics, broker_pid: int, *, clients: int, burst: int) -> Run:
    """The same worker and clients, while bursts of records are worked off, with clients and without
    in turn.

    `rate_ratio` is what detection does with them in units of what it does alone, in the bursts
    before and after. A burst has to take some seconds: one of 60,000 records took one, and four
    runs gave ratios from 0.6 to 1.4.
    """
    parameters = {"clients": clients, "burst": burst}
    return _tried(
        stage,
        topics,
        broker_pid,
        BURSTS,
        parameters,
        lambda trial, port: trial.bursts(port, clients, burst),
    )


def _tried(
    stage: Stage,
    topics: Topics,
    broker_pid: int,
    scenario: str,
    parameters: Mapping[str, float],
    figures_of: "Callable[[_Trial, int], dict[str, float]]",
) -> Run:
    stage.folder.mkdir(parents=True)
    program = worker(stage)
    port = int(program.environment["CONSCOPE_WEB_PORT"])
    with Contending(program, stage.folder / "output.log") as contending:
        trial = _Trial(stage, topics, contending, {"own": contending.pid, "broker": broker_pid})
        try:
            until_ready([program], contending)
            figures, wrong = figures_of(trial, port), trial.wrong
        except Stalled as stalled:
            figures, wrong = {}, f"{stalled}: {contending.last_words}"
    return Run(
        scenario=scenario,
        contestant=NAME,
        parameters={**parameters, "partitions": stage.partitions},
        figures=figures,
        wrong=wrong,
    )


class _Trial:
    """A worker whose pages are watched; `wrong` is what was wrong with that."""

    def __init__(
        self, stage: Stage, topics: Topics, contending: Contending, processes: Mapping[str, int]
    ) -> None:
        self.wrong: str | None = None
        self._stage = stage
        self._topics = topics
        self._contending = contending
        self._processes = {name: [pid] for name, pid in processes.items()}

    def bursts(self, port: int, clients: int, burst: int) -> dict[str, float]:
        """What detection does a second, with clients and without."""
        prices = Workload(records=burst * (len(_WITH) + 1), drop_share=_DROP_SHARE).prices(
            utc_now()
        )
        self._work_off([next(prices) for _ in range(Workload(records=0).seats + burst)])
        found: list[dict[str, float]] = []
        for listening in _WITH:
            records = [next(prices) for _ in range(burst)]
            if listening:
                with self._listeners(port, clients, 3_600):
                    found.append(self._work_off(records))
            else:
                found.append(self._work_off(records))
        every = [each["records_per_s"] for each in found]
        beside = [
            2 * every[at] / (every[at - 1] + every[at + 1])
            for at, listening in enumerate(_WITH)
            if listening
        ]
        return {
            "rate_ratio": round(median(beside), 3),
            **{
                f"{name}{'' if listening else '_alone'}": round(
                    median(
                        each[name]
                        for each, had in zip(found, _WITH, strict=True)
                        if had is listening
                    ),
                    1,
                )
                for name in ("records_per_s", "cpu_us_per_record")
                for listening in (True, False)
            },
        }

    def steady(self, port: int, load: Load) -> dict[str, float]:
        """The ages, and the worker's use of the machine at a steady rate."""
        alone_s = min(30.0, load.seconds)
        stream_s = alone_s + load.seconds + 4 * _SETTLES_S
        with self._stream(load.rate, stream_s):
            time.sleep(_SETTLES_S)
            before = self._use()
            time.sleep(alone_s)
            alone = self._use()
            with self._listeners(port, load.clients, load.seconds) as listening:
                time.sleep(_SETTLES_S)
                ends = sum(self._topics.ends(RAW_PRICES).values())
                begin = self._use()
                time.sleep(min(_FIRST_LOOK_S, load.seconds / 2))
                first = self._use()
                output, _ = listening.communicate(timeout=load.seconds + _ENDS_WITHIN_S)
                end = self._use()
                ends = sum(self._topics.ends(RAW_PRICES).values()) - ends
        seen = msgspec.json.decode(output, type=Seen)
        if seen.left:
            self.wrong = f"{seen.left} of {load.clients} clients were let go"
        elif ends < _LEAST_SHARE_OF_RATE * load.rate * (end[0] - begin[0]):
            self.wrong = f"the stream was slower: {ends} prices in {end[0] - begin[0]:.1f} s"
        return {
            "age_p50_ms": seen.age_p50_ms,
            "age_p99_ms": seen.age_p99_ms,
            "age_max_ms": seen.age_max_ms,
            "late_p50_ms": seen.late_p50_ms,
            "late_p99_ms": seen.late_p99_ms,
            "late_max_ms": seen.late_max_ms,
            "told_per_s": round(seen.told / seen.seconds, 1),
            "told_mb_per_s": round(seen.megabytes / seen.seconds, 2),
            "cpu_percent": _cpu_percent(begin, end),
            "cpu_percent_alone": _cpu_percent(before, alone),
            "clients_cpu_percent": round(seen.cpu_s / seen.seconds * 100, 1),
            "memory_alone_mb": round(alone[1].memory_mb, 1),
            "memory_first_mb": round(first[1].memory_mb, 1),
            "memory_last_mb": round(end[1].memory_mb, 1),
        }

    def _work_off(self, prices: list[Price]) -> dict[str, float]:
        """Have the prices worked off, to the last row; the rate of detection in their midst."""
        before = sum(self._topics.ends(PROCESSED).values())
        pour(prices, self._stage.bootstrap, RAW_PRICES)
        marks = follow(
            lambda: self._topics.ends(PROCESSED),
            until=before + len(prices),
            quiet_s=_QUIET_S,
            processes=self._processes,
            alive=lambda: self._contending.alive,
        )
        begin, end = timed(
            marks, before + WARM_SHARE * len(prices), before + END_SHARE * len(prices)
        )
        self._until_stored()
        return rates(self._stage.bootstrap, PROCESSED, begin, end)

    def _until_stored(self) -> None:
        until_s = monotonic_s() + 120
        while left := self._topics.lag("conscope-storage", PROCESSED):
            if monotonic_s() > until_s or not self._contending.alive:
                raise Stalled(f"{left} processed prices are not stored")
            time.sleep(0.25)

    def _use(self) -> tuple[float, Usage]:
        return monotonic_s(), usage_of(self._contending.pid)

    @contextmanager
    def _listeners(
        self, port: int, clients: int, seconds: float
    ) -> Iterator[subprocess.Popen[str]]:
        """All clients, each of which has been told the page once."""
        command = [sys.executable, "-m", "bench.live_listeners", "--port", str(port)]
        command += ["--clients", str(clients), "--seconds", str(seconds)]
        command += [word for page in PAGES for word in ("--page", page)]
        with _ended(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)) as made:
            assert made.stdout is not None, "it is a pipe"
            if not made.stdout.readline().startswith("all are told"):
                raise Stalled("not all clients were told something")
            yield made

    @contextmanager
    def _stream(self, rate: float, seconds: float) -> Iterator[None]:
        command = [sys.executable, "-m", "bench.pacing", "--bootstrap", self._stage.bootstrap]
        command += ["--rate", str(rate), "--seconds", str(seconds), "--seen"]
        command += ["--drop-share", str(_DROP_SHARE)]
        with _ended(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)):
            yield


@contextmanager
def _ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=_ENDS_WITHIN_S)


def _cpu_percent(begin: tuple[float, Usage], end: tuple[float, Usage]) -> float:
    return round((end[1].cpu_s - begin[1].cpu_s) / (end[0] - begin[0]) * 100, 2)
