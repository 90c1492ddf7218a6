"""The pages of a large market: what rolling its history up costs, and how soon pages answer."""

import asyncio
import http.client
import time
from collections.abc import Iterator, Sequence
from contextlib import closing

import psycopg2

from bench.market_history import MarketHistory
from bench.marks import Stalled
from bench.own import NAME, worker
from bench.process import Contending
from bench.run import Run
from bench.scenarios.ready import until_ready
from bench.stage import Program, Stage
from bench.usage import usage_of
from conscope_app.core.clock import monotonic_s, utc_now
from conscope_app.store.engine import Connection, Database
from conscope_app.store.market.roll_ups import RollUps
from conscope_app.store.url import connect_arguments

SCENARIO = "market"

_OVERVIEW, _EVENT, _API = "/", "/events/{}", "/api/v1/events"
_RANGES = ("hour", "day", "week", "month", "all")
_LINES = ("event", "source", "section")

_ASKED_EVENTS = 12
_ANSWER_WITHIN_S = 30.0
_SETTLES_S = 5.0

_SIZES = """
SELECT sum(pg_total_relation_size(oid)) FILTER (WHERE relname LIKE 'price_history%%') / 1e6,
    sum(pg_total_relation_size(oid)) FILTER (WHERE relname IN
        ('seats', 'event_sources', 'event_markets', 'price_series', 'price_spans')) / 1e6
FROM pg_class WHERE relkind = 'r'
"""


def market(stage: Stage, postgres: int, load: MarketHistory) -> Run:
    """Fill a history, roll it up without rests, and ask a worker for pages and answers, one by one.

    `postgres` is the server's process id. Pages are asked for anew each time, on a connection of
    their own; the first of each kind counts, as nobody has asked before. A page or an answer that
    is not 200 makes the run wrong, and the figures of the others stay in the message's run.
    """
    stage.folder.mkdir(parents=True)
    figures = {}
    with closing(
        psycopg2.connect(
            connection_factory=Connection,
            **connect_arguments(stage.database_url, "bench", statements=False),
        )
    ) as connection:
        began_s = monotonic_s()
        load.fill(connection, utc_now())
        figures["filled_s"] = monotonic_s() - began_s
        figures |= asyncio.run(_roll_up(stage, postgres, load.rows))
        with connection.cursor() as cursor:
            cursor.execute(_SIZES)
            ((figures["history_mb"], figures["rolled_up_mb"]),) = cursor.fetchall()
    program = worker(stage)
    wrong: str | None = None
    with Contending(program, stage.folder / "output.log") as contending:
        try:
            until_ready([program], contending)
            time.sleep(_SETTLES_S)
            answers, wrong = _ask(program, load)
            figures |= answers
        except Stalled as stalled:
            wrong = f"{stalled}: {contending.last_words}"
    return Run(
        scenario=SCENARIO,
        contestant=NAME,
        parameters={"rows": load.rows, "events": load.events, "seats": load.seats},
        figures={name: round(float(value), 1) for name, value in figures.items()},
        wrong=wrong,
    )


async def _roll_up(stage: Stage, postgres: int, rows: int) -> dict[str, float]:
    database = Database(stage.database_url, application_name="bench", connections=1)
    roll_ups = RollUps(database, partitions=stage.partitions, clock=utc_now)
    try:
        before, began_s = usage_of(postgres), monotonic_s()
        while await roll_ups.fold():
            pass
        while await roll_ups.refresh():
            pass
        folded, folded_s = usage_of(postgres), monotonic_s()
        while await roll_ups.count():
            pass
        counted, counted_s = usage_of(postgres), monotonic_s()
    finally:
        await roll_ups.close()
    return {
        "folded_s": folded_s - began_s,
        "fold_cpu_us_per_row": (folded.cpu_s - before.cpu_s) / rows * 1e6,
        "counted_s": counted_s - folded_s,
        "count_cpu_us_per_row": (counted.cpu_s - folded.cpu_s) / rows * 1e6,
    }


def _ask(program: Program, load: MarketHistory) -> tuple[dict[str, float], str | None]:
    port = int(program.environment["CONSCOPE_WEB_PORT"])
    step = load.events // _ASKED_EVENTS
    events = [f"evt-{n * step}" for n in range(_ASKED_EVENTS)]
    pages = {"overview_ms": _OVERVIEW, "event_ms": _EVENT.format(events[0])}
    taken: dict[str, float] = {}
    refused: list[str] = []
    for name, path in pages.items():
        status, taken[name] = _get(port, path)
        refused += [f"{path}: {status}"] * (status != http.client.OK)
    api = []
    for path in _api_paths(events):
        status, took_ms = _get(port, path)
        refused += [f"{path}: {status}"] * (status != http.client.OK)
        api.append(took_ms)
    taken |= {"api_p50_ms": _centile(api, 0.5), "api_p95_ms": _centile(api, 0.95)}
    return taken, "; ".join(refused[:3]) or None


def _api_paths(events: Sequence[str]) -> Iterator[str]:
    yield _API
    for event in events:
        yield f"{_API}/{event}"
        for span in _RANGES:
            for by in _LINES:
                yield f"{_API}/{event}/prices?range={span}&by={by}&currency=USD"


def _get(port: int, path: str) -> tuple[int, float]:
    """Status, and milliseconds until the last byte."""
    began_s = monotonic_s()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_WITHIN_S)) as asking:
        asking.request("GET", path)
        answer = asking.getresponse()
        answer.read()
    return answer.status, (monotonic_s() - began_s) * 1e3


def _centile(values: Sequence[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]
