"""`faust -A conscope_app replay FILE…`: publish again what sources answered then."""

import asyncio
import math
from pathlib import Path
from typing import Any

import click
from faust.cli import argument, option
from rich.console import Console
from rich.text import Text

from conscope_app import app
from conscope_app.commands.exit_code import ExitCodeCommand, stop_on_signals
from conscope_app.commands.progress import ProgressLine
from conscope_app.core.clock import monotonic_s, utc_now
from conscope_app.core.printable import printable
from conscope_app.core.refusal import Reason
from conscope_app.sources.adapter import Adapter
from conscope_app.sources.feeds.file import read_feed
from conscope_app.sources.feeds.problems import BadFeed
from conscope_app.sources.publisher import Publisher, PublishError
from conscope_app.sources.recorded import read_recordings
from conscope_app.sources.registry import adapter_names, open_adapter
from conscope_app.sources.replaying import Replay, ReplayTally
from conscope_app.topics.tickets import RAW_PRICES

DONE, KAFKA_FAILED, INTERRUPTED = 0, 1, 130
MARKET_SNAPSHOTS = "market_snapshots"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Nowhere:
    """Takes records and sends them nowhere, for a dry run."""

    async def publish(self, records: Any) -> None:
        """Take them."""

    async def flush(self) -> None:
        """Nothing is on its way."""


@app.command(
    argument("paths", metavar="FILE...", type=_FILE, nargs=-1, required=True),
    option(
        "--speed",
        type=click.FloatRange(min=0),
        default=1.0,
        show_default=True,
        help="Recorded seconds a second: 60 makes an hour a minute; 0 is as fast as possible.",
    ),
    option(
        "--source", "sources", multiple=True, metavar="NAME", help="Only this source's; several."
    ),
    option(
        "--feed",
        "feed_paths",
        multiple=True,
        type=_FILE,
        metavar="YAML",
        help="The file of a feed whose answers are among them; several.",
    ),
    option("--as-now", is_flag=True, help="As if everything was seen now; else as recorded."),
    option("--dry-run", "is_dry", is_flag=True, help="Read everything at once, and send nothing."),
    base=ExitCodeCommand,
)
async def replay(
    self: ExitCodeCommand,
    paths: tuple[Path, ...],
    speed: float,
    sources: tuple[str, ...],
    feed_paths: tuple[Path, ...],
    as_now: bool,  # noqa: FBT001 click hands options over by name
    is_dry: bool,  # noqa: FBT001 the same
) -> int:
    """Publish what the recordings in FILE... hold, through the adapters of today.

    Prices go to raw_prices and snapshots to market_snapshots, in the order in which their answers
    came, over all files, with the times at which they were seen.

    Exit code: 0 all of it was replayed, or told of; 1 Kafka failed; 2 a file or the options make no
    sense; 130 interrupted.
    """
    if not math.isfinite(speed):
        raise click.UsageError(f"--speed {speed}: write a number")
    if as_now and speed == 0:
        raise click.UsageError("--as-now needs a --speed: else all of it would be at one moment")
    plan = Replay(
        adapters=_adapters(feed_paths, sources),
        speed=0.0 if is_dry else speed,
        as_now=as_now,
        sources=frozenset(sources),
    )
    console = Console()
    stop = stop_on_signals()
    try:
        tally = await _run(console, plan, paths, stop, is_dry=is_dry)
    except PublishError as error:
        click.echo(f"Error: {error}", err=True)
        return KAFKA_FAILED
    except OSError as error:
        raise click.UsageError(f"a recording cannot be read: {error}") from None
    _tell(console, tally, is_dry=is_dry)
    return INTERRUPTED if stop.is_set() else DONE


async def _run(
    console: Console, plan: Replay, paths: tuple[Path, ...], stop: asyncio.Event, *, is_dry: bool
) -> ReplayTally:
    line = ProgressLine(console, every_s=5.0, monotonic_s=monotonic_s)

    async def run(prices: Any, markets: Any) -> ReplayTally:
        with line:
            return await plan.run(
                read_recordings(paths),
                prices,
                markets,
                stop=stop,
                clock=utc_now,
                monotonic_s=monotonic_s,
                on_progress=line.show,
            )

    if is_dry:
        return await run(Nowhere(), Nowhere())
    brokers = app.settings.brokers
    async with (
        Publisher(brokers, RAW_PRICES.name, client_id="conscope-replay-prices") as prices,
        Publisher(brokers, MARKET_SNAPSHOTS, client_id="conscope-replay-markets") as markets,
    ):
        return await run(prices, markets)


def _adapters(feed_paths: tuple[Path, ...], sources: tuple[str, ...]) -> dict[str, Adapter]:
    adapters = {name: open_adapter(name) for name in adapter_names()}
    for path in feed_paths:
        try:
            feed = read_feed(path)
        except BadFeed as bad:
            raise click.UsageError(printable(str(bad))) from None
        if feed.name in adapters:
            raise click.UsageError(f"--feed {path}: another source has the name {feed.name}")
        adapters[feed.name] = feed
    for name in sources:
        if name not in adapters:
            known = ", ".join(sorted(adapters))
            raise click.UsageError(f"--source {name}: there is {known}; --feed adds one")
    return adapters


def _tell(console: Console, tally: ReplayTally, *, is_dry: bool) -> None:
    for reason, count in tally.passed_over.most_common():
        console.print(Text(f"Passed over: {count:,} {reason}"), soft_wrap=True)
        for what in tally.told[reason]:
            console.print(Text(f"  {printable(what)}"), soft_wrap=True)
    if tally.passed_over[Reason.TIMESTAMP_IN_FUTURE]:
        console.print("Its clock was ahead of ours: --as-now replays it as if seen now.")
    said = f"{tally.prices:,} prices and {tally.markets:,} snapshots of {tally.answers:,} answers"
    console.print(f"{'Would send' if is_dry else 'Sent'} {said}.", highlight=False)
