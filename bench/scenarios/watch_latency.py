"""Latency of watches: from the append of a raw price to Discord's receipt of what it led to."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal

from bench.arrivals import Arrivals
from bench.delays import Times, appended, centiles
from bench.own import NAME, worker
from bench.process import Contending
from bench.run import Run
from bench.scenarios.ready import until_ready
from bench.servers import ROOT
from bench.stage import RAW_PRICES, Stage
from bench.topics import Topics
from bench.watch_decisions import causes, raised, watched_prices
from bench.watch_making import publish
from bench.workload import EVENT, SECTIONS
from conscope_app.alerting.watches.watch import (
    Drop,
    Group,
    Often,
    Rearm,
    Watch,
    What,
    When,
)
from conscope_app.topics.tickets import WATCH_DECISIONS, WATCHED_PRICES
from tests.discord_stand_in import DiscordStandIn

SCENARIO = "watch_latency"
GROUP = "conscope-watches"
_DROP_SHARE = 0.6
_EVENTS = 6
_SETTLES_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.5
_COUNTED_SHARE = 2 / 3


def watch_latency(stage: Stage, topics: Topics, *, rate: float, seconds: float) -> Run:
    """One worker with all its agents under the steady stream of the latency scenario.

    Each of a few watches asks for drops by at least 9.5 % in one of an event's five sections, a
    message for each, at once. Of the prices there each fifteenth is such a drop: at 500 prices a
    second that is some two new messages a second, and about as many edits when they are over; four
    times what Discord lets one channel say, and little enough that what is measured is no queue.
    What is told to everybody about drops goes to the same stand-in, which has no limits.

    Counted is what was appended in the last two thirds of the time.
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
            publish(stage, list(_watches()))
            before = topics.ends(WATCHED_PRICES.name)
            decisions = WATCH_DECISIONS.name
            with Arrivals(stage.bootstrap, decisions, topics.ends(decisions)) as arrivals:
                _stream(stage, rate=rate, seconds=seconds)
                wrong = _until(
                    lambda: _left(topics, arrivals, discord) if contending.alive else "it ended"
                )
            alerts = raised(arrivals.seen)
        told = {each.record_id: each.epoch_ms for each in reversed(discord.told)}
    prices = watched_prices(stage.bootstrap, topics.ends(WATCHED_PRICES.name), before)
    times = appended(stage.bootstrap, topics.ends(RAW_PRICES))
    begins = {each.episode: at for each, at in causes(alerts, prices, times).items()}
    newest = max(times.values())
    counted = {
        episode: at
        for episode, at in begins.items()
        if at > newest - seconds * _COUNTED_SHARE * 1_000
    }
    figures = {
        "decided": centiles(counted, {each.episode: each.at_ms for each in alerts}),
        "told": centiles(counted, told),
    }
    return Run(
        scenario=SCENARIO,
        contestant=NAME,
        parameters={"rate": rate, "partitions": stage.partitions, "watches": _EVENTS},
        figures={
            "messages_per_s": round(len(counted) / (seconds * _COUNTED_SHARE), 2),
            **{
                f"{station}_{name}": value
                for station, of_it in figures.items()
                for name, value in of_it.items()
            },
        },
        wrong=wrong or _wrong(begins, told, len(alerts)),
    )


def _watches() -> Iterator[Watch]:
    for event in range(_EVENTS):
        yield Watch(
            id=f"drops-{event}",
            what=What(
                subjects=(EVENT.format(event),),
                only={"section": (SECTIONS[1],)},
                each="item",
            ),
            when=When(drop=Drop(percent=Decimal("9.5"))),
            often=Often(rearm=Rearm(), group=Group(wait_s=0, alone_s=0)),
        )


def _stream(stage: Stage, *, rate: float, seconds: float) -> None:
    command = [sys.executable, "-m", "bench.pacing", "--bootstrap", stage.bootstrap]
    command += ["--rate", str(rate), "--seconds", str(seconds), "--drop-share", str(_DROP_SHARE)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _left(topics: Topics, arrivals: Arrivals, discord: DiscordStandIn) -> str | None:
    """What is still on its way."""
    lag = topics.lag("conscope", RAW_PRICES) + topics.lag(GROUP, WATCHED_PRICES.name)
    if lag:
        return f"{lag} prices are not looked at"
    missing = {each.episode for each in raised(arrivals.seen)} - set(discord.record_ids)
    return f"{len(missing)} alerts of watches are not told" if missing else None


def _until(left: Callable[[], str | None]) -> str | None:
    until = time.monotonic() + _SETTLES_WITHIN_S
    while (still := left()) and time.monotonic() < until:
        time.sleep(_LOOK_EVERY_S)
    return still


def _wrong(begins: Times, told: Times, alerts: int) -> str | None:
    if len(begins) != alerts:
        return f"{alerts - len(begins)} of {alerts} alerts came of no price"
    if not alerts:
        return "no watch has found anything"
    missing = begins.keys() - told.keys()
    return f"{len(missing)} of {alerts} alerts were not told" if missing else None
