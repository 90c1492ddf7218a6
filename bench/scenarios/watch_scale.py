"""Scale of watches: 100,000 of them over 10,000 events, and whether a worker keeps up with them."""

import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from random import Random

import msgspec

from bench.arrivals import Arrivals
from bench.delays import Times, appended, centiles
from bench.marks import Stalled
from bench.own import NAME, worker
from bench.process import Contending
from bench.run import Run
from bench.scenarios.ready import until_ready
from bench.servers import ROOT
from bench.stage import RAW_PRICES, Stage
from bench.topics import Topics
from bench.usage import PeakMemory, usage_of
from bench.watch_decisions import Decided, causes, decided, raised, watched_prices
from bench.watch_making import connected, leave_published, publish
from bench.watched_market import watches
from bench.workload import EVENT, SECTIONS, Price, Workload, pour
from conscope_app.core.clock import monotonic_s, utc_now
from conscope_app.topics.tickets import WATCH_DECISIONS, WATCHED_PRICES

SCENARIO = "watch_scale"

_SEATS_AN_EVENT = 20
_ABOUT_ALL = 10
_MADE_WHILE_RUNNING = 500

# As in the scenario of latency at such a rate; a fourth of the other prices are rises.
_DROP_SHARE = 0.02

# A stream that is slower than it was meant to be says nothing of who keeps up with it.
_LEAST_SHARE_OF_RATE = 0.97

_WITHIN_S = 300.0
_ROLLED_UP_WITHIN_S = 600.0  # a tenth of a core of Postgres' time, or a fortieth
_LOOK_EVERY_S = 0.25
_STORED = "SELECT (SELECT count(*) FROM price_history), (SELECT count(*) FROM watch_episodes)"
_NOT_ROLLED_UP = """
SELECT (SELECT count(*) FROM price_history) - (SELECT sum(observations) FROM event_sources)
"""


class _Priced(msgspec.Struct, gc=False):
    price: float


_decode = msgspec.json.Decoder(_Priced).decode


@dataclass(frozen=True, kw_only=True)
class Load:
    """How many watches there are, over how many events, and the prices that they are told."""

    watches: int
    events: int
    rate: float
    seconds: float

    @property
    def market(self) -> Workload:
        """Each seat once."""
        return Workload(
            records=0, seats=self.events * _SEATS_AN_EVENT, seats_an_event=_SEATS_AN_EVENT
        )

    def beginning(self) -> list[Price]:
        """The market's prices, the lowest first: seats that come later are no drops."""
        return sorted(self.market.prices(utc_now()), key=lambda price: _decode(price.value).price)


def watch_scale(stage: Stage, topics: Topics, servers: Mapping[str, int], load: Load) -> Run:
    """One worker with all its agents and partitions, and its default settings.

    Each event has its share of watches of every kind; ten of the watches are about everything. They
    are there before the worker starts, in Postgres and in Kafka, as its publisher would have left
    them, which would take it minutes: `published_per_s` says how many it makes known while it
    runs. Then each seat is seen once; and when all of that is decided, stored and rolled up, prices
    come at a steady rate.

    The worker keeps up if the last decision comes soon after the last price: `caught_up_s`. Watches
    are told at the default pace of thirty messages a minute, and what else they say waits in
    Postgres. `servers` are the process ids of others whose CPU time is counted, by name.
    """
    stage.folder.mkdir(parents=True)
    every = watches(
        load.watches + _MADE_WHILE_RUNNING,
        load.events,
        _ABOUT_ALL,
        Random(7),
        event=EVENT,
        sections=SECTIONS,
    )
    made = list(every)
    leave_published(stage, made[: load.watches])
    begins, program = topics.ends(WATCH_DECISIONS.name), worker(stage)
    with (
        Contending(program, stage.folder / "output.log") as contending,
        PeakMemory([contending.pid]) as memory,
        Arrivals(stage.bootstrap, WATCH_DECISIONS.name, begins) as arrivals,
    ):
        trial = _Trial(stage, topics, load, contending, arrivals)
        began_s = monotonic_s()
        try:
            until_ready([program], contending)
            trial.until_looked_at()
            taken_in_s = monotonic_s() - began_s
            published_s = publish(stage, made[load.watches :])
            trial.warm_up()
            figures = trial.stream({"": contending.pid, **servers})
        except Stalled as stalled:
            return _run(stage, load, {}, f"{stalled}: {contending.last_words}")
    figures |= {
        "taken_in_s": round(taken_in_s, 1),
        "published_per_s": round(_MADE_WHILE_RUNNING / published_s, 1),
        "peak_memory_mb": round(memory.peak_mb, 1),
    }
    return _run(stage, load, figures, trial.wrong)


def _run(stage: Stage, load: Load, figures: Mapping[str, float], wrong: str | None) -> Run:
    return Run(
        scenario=SCENARIO,
        contestant=NAME,
        parameters={
            "watches": load.watches,
            "events": load.events,
            "rate": load.rate,
            "partitions": stage.partitions,
        },
        figures=figures,
        wrong=wrong,
    )


class _Trial:
    """A worker that is told prices; `wrong` is what was wrong with that."""

    def __init__(
        self, stage: Stage, topics: Topics, load: Load, contending: Contending, arrivals: Arrivals
    ) -> None:
        self.wrong: str | None = None
        self._stage = stage
        self._topics = topics
        self._load = load
        self._contending = contending
        self._arrivals = arrivals

    def until_looked_at(self) -> None:
        """Return when the worker has looked at all that watches are told, and at all prices."""
        self._until(
            lambda: (
                self._topics.lag("conscope", RAW_PRICES)
                + self._topics.lag("conscope-watches", WATCHED_PRICES.name)
            ),
            "are not looked at",
        )

    def warm_up(self) -> None:
        """Have each seat seen once, and all that follows from that done."""
        pour(self._load.beginning(), self._stage.bootstrap, RAW_PRICES)
        self._until_stored()
        self._until_rolled_up()

    def stream(self, processes: Mapping[str, int]) -> dict[str, float]:
        """Send prices at the load's rate, and say how it went."""
        raw, watched = self._topics.ends(RAW_PRICES), self._topics.ends(WATCHED_PRICES.name)
        before = _cpu_s(processes)
        self._send()
        self._until_stored()
        after = _cpu_s(processes)
        bootstrap = self._stage.bootstrap
        times = appended(bootstrap, self._topics.ends(RAW_PRICES), raw)
        prices = watched_prices(bootstrap, self._topics.ends(WATCHED_PRICES.name), watched)
        led = causes(decided(self._arrivals.seen), prices, times)
        self._check(times, prices.values())
        return {
            **_delays(led, times),
            **{
                f"{name}{'_' if name else ''}cpu_us_per_record": round(
                    (after[name] - before[name]) / len(times) * 1e6, 1
                )
                for name in processes
            },
        }

    def _send(self) -> None:
        market = self._load.market
        options = {
            "bootstrap": self._stage.bootstrap,
            "rate": self._load.rate,
            "seconds": self._load.seconds,
            "seats": market.seats,
            "seats-an-event": market.seats_an_event,
            "drop-share": _DROP_SHARE,
        }
        command = [sys.executable, "-m", "bench.pacing", "--seen"]
        command += [word for name, value in options.items() for word in (f"--{name}", str(value))]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    def _until_stored(self) -> None:
        self.until_looked_at()
        with connected(self._stage) as connection, connection.cursor() as cursor:

            def left() -> int:
                cursor.execute(_STORED)
                ((rows, episodes),) = cursor.fetchall()
                alerts = len(raised(self._arrivals.seen))
                prices = sum(self._topics.ends(RAW_PRICES).values())
                return int(prices - rows + abs(alerts - episodes))

            self._until(left, "are not stored")

    def _until_rolled_up(self) -> None:
        with connected(self._stage) as connection, connection.cursor() as cursor:

            def left() -> int:
                cursor.execute(_NOT_ROLLED_UP)
                ((rows,),) = cursor.fetchall()
                return 1 if rows is None else int(rows)

            self._until(left, "are not rolled up", within_s=_ROLLED_UP_WITHIN_S)

    def _until(self, left: Callable[[], int], what: str, *, within_s: float = _WITHIN_S) -> None:
        until_s = monotonic_s() + within_s
        while count := left():
            if monotonic_s() > until_s or not self._contending.alive:
                raise Stalled(f"{count} {what}")
            time.sleep(_LOOK_EVERY_S)

    def _check(self, times: Times, watched: Collection[str]) -> None:
        """Every price has to reach the watches once, and as fast as was asked for."""
        took_s = (max(times.values()) - min(times.values())) / 1_000
        if len(times) < _LEAST_SHARE_OF_RATE * self._load.rate * took_s:
            self.wrong = f"the stream was slower: {len(times)} prices in {took_s:.1f} s"
        elif sorted(watched) != sorted(times):
            self.wrong = f"{len(watched)} prices were told to watches, of {len(times)}"


def _cpu_s(processes: Mapping[str, int]) -> dict[str, float]:
    return {name: usage_of(pid).cpu_s for name, pid in processes.items()}


def _delays(led: Mapping[Decided, float], times: Times) -> dict[str, float]:
    """How late decisions came: those of the second half, and the last one of all."""
    first, newest = min(times.values()), max(times.values())
    counted = {each: at for each, at in led.items() if at > (first + newest) / 2}
    # An alert may be raised, updated and over within the time.
    named = {f"{each.episode} {each.verdict} {each.place}": each for each in counted}
    begins = {name: counted[each] for name, each in named.items()}
    late = centiles(begins, {name: each.at_ms for name, each in named.items()})
    return {
        "caught_up_s": round(max(each.at_ms for each in led) / 1_000 - newest / 1_000, 2),
        "decisions_per_s": round(len(counted) / (newest - first) * 2_000, 1),
        **{f"decided_{name}": value for name, value in late.items()},
    }
