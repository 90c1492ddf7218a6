"""Storage: processed prices become rows of `price_history`, with all its indexes, once each."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2

from bench.marks import Mark, Stalled, follow, timed
from bench.own import ALERTS, NAME, PROCESSED, worker
from bench.process import Contending
from bench.run import Run
from bench.scenarios.detection import QUIET_OF_OWN_S
from bench.stage import Program, Stage
from bench.storage.filling import Filled, read_processed
from bench.topics import Topics
from bench.usage import PeakMemory
from bench.workload import END_SHARE, WARM_SHARE, Workload, fill
from conscope_app.local.postgres import PostgresServer
from conscope_app.store.engine import Connection
from conscope_app.store.migrate import upgrade
from conscope_app.store.partitions import MonthlyPartitions
from conscope_app.store.url import connect_arguments
from conscope_app.topics.tickets import RAW_PRICES

SCENARIO = "storage"
ANCHORS = {"COPY + staging": "bench.storage.copying", "execute_values": "bench.storage.values"}

_AGENT = "store_prices"
_POSITIONS = "SELECT partition, coalesce(next_offset, 0) FROM sink_positions WHERE topic = %s"
_STORED = "SELECT count(*), coalesce(sum(price), 0) FROM price_history"
_OPENED_AT = datetime(2026, 11, 22, tzinfo=UTC)


class Storage:
    """One filled `processed_prices`, which every contestant stores in a database of its own."""

    def __init__(
        self, bootstrap: str, postgres: PostgresServer, folder: Path, *, partitions: int = 8
    ) -> None:
        self._bootstrap = bootstrap
        self._postgres = postgres
        self._folder = folder
        self._partitions = partitions
        self._runs = 0

    def fill(self, records: int, seats: int = 10_000) -> Filled:
        """Make the topics anew, and let a worker process a market of so many records.

        The seats are ten thousand, or half of the records where that is less.
        """
        topics = Topics(self._bootstrap, self._partitions)
        topics.remove([RAW_PRICES.name])
        topics.create(RAW_PRICES.name)
        topics.renew_own()
        seats = min(seats, records // 2)
        market = Workload(records=records - seats, seats=seats)
        fill(market, self._bootstrap, RAW_PRICES.name, _OPENED_AT)
        self._track(topics, records)
        file = self._folder / "processed_prices.jsonl"
        return read_processed(self._bootstrap, self._partitions, records, file)

    def _track(self, topics: Topics, records: int) -> None:
        folder = self._folder / "tracking"
        folder.mkdir()
        program = worker(self._stage("", folder), ["track_prices"])
        with Contending(program, folder / "output.log") as contending:
            follow(
                lambda: topics.ends(PROCESSED),
                until=records,
                quiet_s=QUIET_OF_OWN_S,
                processes={},
                alive=lambda: contending.alive,
            )

    def run(self, contestant: str, filled: Filled) -> Run:
        """Let one contestant store everything, and measure it from outside."""
        self._runs += 1
        folder = self._folder / f"storage-{self._runs}"
        folder.mkdir()
        with self._database(f"storage_{self._runs}") as url, _connected(url) as database:
            log = folder / "output.log"
            if contestant == NAME:
                program = worker(self._stage(url, folder), [_AGENT])
                places = _rows_behind_sink(database, filled)
            else:
                program = _anchor(ANCHORS[contestant], url, filled.file)
                places = _rows_printed(log)
            return self._measure(contestant, filled, Contending(program, log), places, database)

    def _measure(
        self,
        contestant: str,
        filled: Filled,
        contending: Contending,
        places: Callable[[], Mapping[int, int]],
        database: Connection,
    ) -> Run:
        figures: dict[str, float] = {}
        with contending, PeakMemory([contending.pid]) as memory:
            try:
                marks = follow(
                    places,
                    until=filled.rows,
                    quiet_s=0,
                    processes={"own": contending.pids, "postgres": [self._postgres.pid]},
                    alive=lambda: contending.alive,
                )
                begin, end = timed(marks, WARM_SHARE * filled.rows, END_SHARE * filled.rows)
            except Stalled as stalled:
                wrong: str | None = f"{stalled}: {contending.last_words}"
            else:
                figures = _rates(begin, end)
                wrong = _wrong(database, filled)
        return Run(
            scenario=SCENARIO,
            contestant=contestant,
            parameters={"rows": filled.rows, "partitions": self._partitions},
            figures=figures and figures | {"peak_memory_mb": round(memory.peak_mb, 1)},
            wrong=wrong,
        )

    def _stage(self, database_url: str, folder: Path) -> Stage:
        return Stage(
            bootstrap=self._bootstrap,
            partitions=self._partitions,
            folder=folder,
            group="",  # the product's groups have names of their own
            processed=PROCESSED,
            alerts=ALERTS,
            database_url=database_url,
        )

    @contextmanager
    def _database(self, name: str) -> Iterator[str]:
        """A migrated database, removed in the end; what earlier runs left to write is written."""
        url = self._postgres.create_database(name)
        upgrade(url)
        with _connected(url) as connection:
            MonthlyPartitions("price_history").ensure(connection, [_OPENED_AT])
        with _connected(self._postgres.url) as connection:
            _query(connection, "CHECKPOINT")
            yield url
            _query(connection, f"DROP DATABASE {name} (FORCE)")


def storage(
    bootstrap: str,
    postgres: PostgresServer,
    folder: Path,
    records: int,
    *,
    repetitions: int = 1,
    partitions: int = 8,
) -> Iterator[Run]:
    """Every contestant in turn, as often as asked; each run as it is done."""
    scenario = Storage(bootstrap, postgres, folder, partitions=partitions)
    filled = scenario.fill(records)
    for _ in range(repetitions):
        for contestant in (NAME, *ANCHORS):
            yield scenario.run(contestant, filled)


def _anchor(module: str, database_url: str, file: Path) -> Program:
    command = [sys.executable, "-m", module, "--database-url", database_url, "--file", str(file)]
    return Program(command=command)


def _rows_behind_sink(database: Connection, filled: Filled) -> Callable[[], Mapping[int, int]]:
    def places() -> Mapping[int, int]:
        positions = _query(database, _POSITIONS, PROCESSED)
        return {partition: filled.rows_before(partition, at) for partition, at in positions}

    return places


def _rows_printed(log: Path) -> Callable[[], Mapping[int, int]]:
    """What an anchor says after each commit, on a line of its own."""

    def places() -> Mapping[int, int]:
        said = [line for line in log.read_text().splitlines(True) if line.endswith("\n")]
        return {0: int(said[-1]) if said and said[-1].strip().isdecimal() else 0}

    return places


def _rates(begin: Mark, end: Mark) -> dict[str, float]:
    rows = end.done - begin.done

    def cpu_us(process: str) -> float:
        return round((end.cpu_s[process] - begin.cpu_s[process]) / rows * 1e6, 2)

    return {
        "rows_per_s": round(rows / (end.at_s - begin.at_s), 1),
        "cpu_us_per_row": cpu_us("own"),
        "postgres_cpu_us_per_row": cpu_us("postgres"),
    }


def _wrong(database: Connection, filled: Filled) -> str | None:
    ((rows, sum_of_prices),) = _query(database, _STORED)
    if rows != filled.rows:
        return f"{rows} rows instead of {filled.rows}"
    if sum_of_prices != filled.sum_of_prices:
        return f"the prices add up to {sum_of_prices}, not to {filled.sum_of_prices}"
    return None


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    arguments = connect_arguments(url, "bench", statements=False)
    connection = psycopg2.connect(connection_factory=Connection, **arguments)
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def _query(connection: Connection, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []
