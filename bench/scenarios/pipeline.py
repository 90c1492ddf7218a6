"""The whole pipeline: raw prices in, and every row of history and of alerts in Postgres."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from decimal import Decimal

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 psycopg2 spells it so

from bench.marks import Mark, Stalled, follow, mark
from bench.outcome import Outcome
from bench.own import ALERTS, NAME, PROCESSED, worker
from bench.process import all_of
from bench.run import Run
from bench.scenarios.detection import SETTLED_S, Arena
from bench.scenarios.ready import until_ready
from bench.stage import Stage
from bench.usage import PeakMemory
from bench.workload import WARM_SHARE, Price
from conscope_app.store.url import connect_arguments

SCENARIO = "pipeline"
_QUIET_S = 2.0
_POSITIONS = """
SELECT topic, partition, next_offset FROM sink_positions
WHERE next_offset IS NOT NULL AND topic = ANY(%s)
"""
# Places of the two topics in one mapping: alerts are counted from here on.
_ALERTS_FROM = 100_000


def pipeline(arena: Arena, stage: Stage, postgres_pid: int, workers: int) -> Run:
    """All agents in each of so many worker processes, on an empty database of their own.

    When the warm-up is stored to its last row, the rest of the prices is written. The rate is that
    from the first of them until the last row and the last alert of theirs are stored: one part of
    the work cannot have been done ahead of the time that is taken.
    """
    stage.folder.mkdir(parents=True)
    parameters = {"workers": workers, "partitions": stage.partitions, "seats": arena.workload.seats}
    programs = [worker(stage, name=f"worker-{number}") for number in range(workers)]
    warm = round(len(arena.prices) * WARM_SHARE)
    timed = len(arena.prices) - warm
    connection = psycopg2.connect(**connect_arguments(stage.database_url, "bench"))
    connection.autocommit = True
    with (
        closing(connection),
        all_of(programs, stage.folder) as contending,
        PeakMemory(contending.pids) as memory,
    ):
        processes = {
            "own": contending.pids,
            "broker": [arena.broker_pid],
            "postgres": [postgres_pid],
        }

        def stored(prices: Sequence[Price]) -> Mark:
            """The mark at which so many prices, with their drops, are stored."""
            return follow(
                lambda: _positions(connection),
                until=len(prices) + sum(price.kind == "drop" for price in prices),
                quiet_s=_QUIET_S,
                processes=processes,
                alive=lambda: contending.alive,
            )[-1]

        try:
            until_ready(programs, contending, for_s=SETTLED_S)
            arena.pour(arena.prices[:warm])
            stored(arena.prices[:warm])
            begin = mark(_positions(connection), processes)
            arena.pour(arena.prices[warm:])
            end = stored(arena.prices)
        except Stalled as stalled:
            wrong = f"{stalled}: {contending.last_words}"
            return Run(scenario=SCENARIO, contestant=NAME, parameters=parameters, wrong=wrong)
    spent = {name: end.cpu_s[name] - begin.cpu_s[name] for name in end.cpu_s}
    return Run(
        scenario=SCENARIO,
        contestant=NAME,
        parameters=parameters,
        figures={
            "records_per_s": round(timed / (end.at_s - begin.at_s), 1),
            "cpu_us_per_record": round(spent["own"] / timed * 1e6, 2),
            "broker_cpu_us_per_record": round(spent["broker"] / timed * 1e6, 2),
            "postgres_cpu_us_per_record": round(spent["postgres"] / timed * 1e6, 2),
            "peak_memory_mb": round(memory.peak_mb, 1),
        },
        wrong=_wrong(arena, stage),
    )


def _positions(connection: Connection) -> Mapping[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS, ([PROCESSED, ALERTS],))
        return {
            partition + (_ALERTS_FROM if topic == ALERTS else 0): next_offset
            for topic, partition, next_offset in cursor.fetchall()
        }


def _wrong(arena: Arena, stage: Stage) -> str | None:
    outcome = Outcome(arena.bootstrap)
    ends = {topic: arena.topics.ends(topic) for topic in (PROCESSED, ALERTS)}
    outcome.read(PROCESSED, ALERTS, ends)
    expected = arena.expected
    connection = psycopg2.connect(**connect_arguments(stage.database_url, "bench"))
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM price_history")
        rows = cursor.fetchone()
        cursor.execute("SELECT count(*), coalesce(sum(drop_amount), 0) FROM price_drop_alerts")
        alerts = cursor.fetchone()
    wanted = (expected.kinds["drop"], Decimal(expected.dropped_cents) / 100)
    if rows != (expected.records,):
        return f"{rows} rows of history, not {expected.records}"
    if alerts != wanted:
        return f"{alerts} alerts and their sum, not {wanted}"
    return outcome.wrong(expected)
