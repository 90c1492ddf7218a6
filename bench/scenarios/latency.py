"""Latency: from the append of a raw price to its processed record, its row, and Discord."""

import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing

import psycopg2

from bench.arrivals import Arrivals
from bench.delays import Times, appended, centiles
from bench.own import NAME, PROCESSED, worker
from bench.process import Contending
from bench.run import Run
from bench.scenarios.ready import until_ready
from bench.servers import ROOT
from bench.stage import RAW_PRICES, Stage
from bench.topics import Topics
from conscope_app.store.url import connect_arguments
from tests.discord_stand_in import DiscordStandIn

SCENARIO = "latency"
_SETTLES_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.5
# When the transaction that wrote a row was committed: `track_commit_timestamp` is on.
_ROWS = """
SELECT raw_partition, raw_offset, extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000
FROM price_history
"""
_LEFT = """
SELECT (SELECT count(*) FROM price_history),
    (SELECT count(*) FROM deliveries WHERE status = 'waiting')
"""


def latency(
    stage: Stage,
    topics: Topics,
    *,
    rate: float,
    seconds: float,
    drop_share: float,
) -> Run:
    """One worker with all its agents under a steady stream, told to a stand-in without limits.

    Counted is what was appended in the second half of the time: in the first, each seat is seen
    once in one go, and the servers warm up. All clocks are one machine's.
    """
    stage.folder.mkdir(parents=True)
    with DiscordStandIn() as discord:
        program = worker(
            stage,
            CONSCOPE_DISCORD_WEBHOOK_URL=discord.url,
            CONSCOPE_DISCORD_ALLOW_LOOPBACK="true",
            CONSCOPE_ALERT_MESSAGES_PER_MINUTE="1000000",
        )
        with Contending(program, stage.folder / "output.log") as contending:
            until_ready([program], contending)
            with Arrivals(stage.bootstrap, PROCESSED, topics.ends(PROCESSED)) as arrivals:
                _stream(stage, rate=rate, seconds=seconds, drop_share=drop_share)
                begins = appended(stage.bootstrap, topics.ends(RAW_PRICES))
                wrong = _settle(stage, len(begins))
        told = {each.record_id: each.epoch_ms for each in reversed(discord.told)}
    newest = max(begins.values())
    counted = {key: at for key, at in begins.items() if at > newest - seconds * 500}
    figures = {
        **_centiles("processed", counted, dict(arrivals.by_id())),
        **_centiles("row", counted, _rows(stage.database_url)),
        **_centiles("told", counted, told),
    }
    return Run(
        scenario=SCENARIO,
        contestant=NAME,
        parameters={"rate": rate, "partitions": stage.partitions, "drop_share": drop_share},
        figures=figures,
        wrong=wrong or _missing(counted, figures, drop_share),
    )


def _stream(stage: Stage, *, rate: float, seconds: float, drop_share: float) -> None:
    options = {
        "bootstrap": stage.bootstrap,
        "rate": str(rate),
        "seconds": str(seconds),
        "drop-share": str(drop_share),
    }
    command = [sys.executable, "-m", "bench.pacing"]
    command += [word for name, value in options.items() for word in (f"--{name}", value)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _settle(stage: Stage, records: int) -> str | None:
    """Wait until all is stored and told; what is left when time is up."""
    until = time.monotonic() + _SETTLES_WITHIN_S
    connection = psycopg2.connect(**connect_arguments(stage.database_url, "bench"))
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        while True:
            cursor.execute(_LEFT)
            ((rows, waiting),) = cursor.fetchall()
            if rows == records and waiting == 0:
                return None
            if time.monotonic() > until:
                return f"{rows} rows of {records}, {waiting} alerts wait to be told"
            time.sleep(_LOOK_EVERY_S)


def _rows(database_url: str) -> Times:
    connection = psycopg2.connect(**connect_arguments(database_url, "bench"))
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(_ROWS)
        return {f"{RAW_PRICES}-{part}-{at}": float(ms) for part, at, ms in cursor.fetchall()}


def _centiles(what: str, counted: Times, seen: Times) -> dict[str, float]:
    return {f"{what}_{name}": value for name, value in centiles(counted, seen).items()}


def _missing(counted: Times, figures: Mapping[str, float], drop_share: float) -> str | None:
    """Each record needs its processed price and its row, and about its share an alert."""
    counts = {what: figures.get(f"{what}_count", 0) for what in ("processed", "row", "told")}
    least = {"processed": 1.0, "row": 1.0, "told": 0.9 * drop_share}
    short = {what: count for what, count in counts.items() if count < least[what] * len(counted)}
    return f"of {len(counted)} records only {short}" if short else None
