"""Detection: raw prices in, processed prices and alerts out, the state kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.marks import Mark, Stalled, at_commits, follow, timed
from bench.outcome import Outcome, records_between
from bench.process import Together, all_of
from bench.run import Run
from bench.scenarios.ready import until_ready
from bench.stage import Program, Stage
from bench.topics import Topics
from bench.usage import PeakMemory
from bench.workload import END_SHARE, WARM_SHARE, Expected, Price, Workload, pour

# Longer than a contestant's pauses: Kafka Streams commits each 100 ms, Quix Streams each 5 s.
QUIET_S = 2.0
QUIET_OF_RARE_COMMITS_S = 6.0
QUIET_OF_OWN_S = 1.0
SETTLED_S = 3.0


@dataclass(frozen=True, kw_only=True)
class Arena:
    """A broker and a topic of raw prices, which contestants meet one after the other.

    The topic is full already; or, where there are `prices`, it is empty, and those are poured in
    when all workers are ready: else the first of several would begin while the last one starts.
    """

    bootstrap: str
    broker_pid: int
    topics: Topics
    raw: str
    workload: Workload
    expected: Expected
    prices: Sequence[Price] = ()

    def open(self, programs: Sequence[Program], contending: Together) -> None:
        """See that the records are there; marks are taken from here on."""
        if self.prices:
            until_ready(programs, contending, for_s=SETTLED_S)
            self.pour(self.prices)

    def pour(self, prices: Sequence[Price]) -> None:
        """Write some of the prices."""
        pour(prices, self.bootstrap, self.raw)


def contend(
    arena: Arena,
    *,
    scenario: str,
    contestant: str,
    stage: Stage,
    programs: Sequence[Program],
    quiet_s: float = QUIET_S,
    commits_rarely: bool = False,
    warm_share: float = WARM_SHARE,
    parameters: Mapping[str, float] | None = None,
) -> Run:
    """Let one contestant work off all raw prices, and measure it from outside.

    Its output topics are there and empty; `programs` are its processes. The rate is that between
    the first commit behind the warm-up and the first one behind nine tenths of the records; of one
    that `commits_rarely` up to the last one but one.
    """
    stage.folder.mkdir(parents=True)
    parameters = {
        "seats": arena.workload.seats,
        "partitions": stage.partitions,
        "record_bytes": round(arena.expected.bytes / arena.expected.records),
        "drop_share": arena.workload.drop_share,
        **(parameters or {}),
    }
    with all_of(programs, stage.folder) as contending, PeakMemory(contending.pids) as memory:
        try:
            arena.open(programs, contending)
            marks = follow(
                lambda: arena.topics.ends(stage.processed),
                until=arena.expected.records,
                quiet_s=quiet_s,
                processes={"own": contending.pids, "broker": [arena.broker_pid]},
                alive=lambda: contending.alive,
            )
            seats, records = arena.workload.seats, arena.workload.records
            marks = at_commits(marks) if commits_rarely else marks
            # Of rare commits each counts: there are only a few.
            end_share = 1 if commits_rarely else END_SHARE
            begin, end = timed(marks, seats + warm_share * records, seats + end_share * records)
        except Stalled as stalled:
            wrong = f"{stalled}: {contending.last_words}"
            return Run(scenario=scenario, contestant=contestant, parameters=parameters, wrong=wrong)
    outcome = Outcome(arena.bootstrap)
    ends = {topic: arena.topics.ends(topic) for topic in (stage.processed, stage.alerts)}
    outcome.read(stage.processed, stage.alerts, ends)
    figures = rates(arena.bootstrap, stage.processed, begin, end)
    return Run(
        scenario=scenario,
        contestant=contestant,
        parameters=parameters,
        figures=figures | {"peak_memory_mb": round(memory.peak_mb, 1)},
        wrong=outcome.wrong(arena.expected),
    )


def rates(bootstrap: str, topic: str, begin: Mark, end: Mark) -> dict[str, float]:
    """Records a second and CPU a record, between two marks."""
    records = records_between(bootstrap, topic, begin.places, end.places)

    def cpu_us(process: str) -> float:
        return round((end.cpu_s[process] - begin.cpu_s[process]) / records * 1e6, 2)

    return {
        "records_per_s": round(records / (end.at_s - begin.at_s), 1),
        "cpu_us_per_record": cpu_us("own"),
        "broker_cpu_us_per_record": cpu_us("broker"),
    }
