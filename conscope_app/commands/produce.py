"""`faust -A conscope_app produce SOURCE`: publish what a source sees to `raw_prices`."""

import math

import click
from faust.cli import argument, option
from rich.console import Console

from conscope_app import app
from conscope_app.commands.durations import Duration
from conscope_app.commands.exit_code import ExitCodeCommand, stop_on_signals
from conscope_app.commands.progress import ProgressLine
from conscope_app.core.clock import monotonic_s, utc_now
from conscope_app.sources.production import Extent, run_production
from conscope_app.sources.publisher import Publisher, PublishError
from conscope_app.sources.registry import SourceOptions, open_source
from conscope_app.topics.tickets import RAW_PRICES


@app.command(
    argument("source", metavar="SOURCE"),
    option(
        "--rate",
        type=click.FloatRange(min=0),
        default=50.0,
        show_default=True,
        help="Records a second; 0 is as fast as possible.",
    ),
    option(
        "--events",
        type=click.IntRange(min=1, max=9_999),
        default=4,
        show_default=True,
        help="How many events are on sale.",
    ),
    option(
        "--seats",
        type=click.IntRange(min=1, max=1_000_000),
        default=25,
        show_default=True,
        help="How many seats each event offers.",
    ),
    option(
        "--seed",
        type=int,
        default=1,
        show_default=True,
        help="The same seed gives the same seats and prices.",
    ),
    option(
        "--for",
        "duration",
        type=Duration(),
        default=None,
        help="How long: 90, 90s, 2m, 1h. Until Ctrl-C where it is not given.",
    ),
    option(
        "--count",
        type=click.IntRange(min=1),
        default=None,
        help="Stop after exactly so many records.",
    ),
    base=ExitCodeCommand,
)
async def produce(
    self: ExitCodeCommand,
    source: str,
    rate: float,
    events: int,
    seats: int,
    seed: int,
    duration: float | None,
    count: int | None,
) -> int:
    """Publish what SOURCE sees to raw_prices, until it is over or Ctrl-C.

    SOURCE is `mock`: a simulated ticket market, which says so on every record.
    """
    if not math.isfinite(rate):
        raise click.UsageError(f"--rate {rate}: write a number of records a second")
    console = Console()
    options = SourceOptions(seed=seed, events=events, seats=seats)
    try:
        opened = open_source(source, options, utc_now())
    except LookupError as error:
        raise click.UsageError(str(error.args[0])) from None
    line = ProgressLine(console, every_s=5.0, monotonic_s=monotonic_s)
    publisher = Publisher(app.settings.brokers, RAW_PRICES.name, client_id="conscope-produce")
    stop = stop_on_signals()
    try:
        async with publisher:
            console.print(f"Publishing {source} to {RAW_PRICES.name}; Ctrl-C stops.")
            with line:
                tally = await run_production(
                    opened,
                    publisher,
                    rate=rate,
                    extent=Extent(records=count, seconds=duration),
                    stop=stop,
                    clock=utc_now,
                    monotonic_s=monotonic_s,
                    on_progress=line.show,
                )
    except PublishError as error:
        click.echo(f"Error: {error}", err=True)
        return 1
    console.print(f"Published {tally}.", highlight=False, soft_wrap=True)
    return 0
