"""`faust -A conscope_app import FILE`: publish a file of anyone's prices to `raw_prices`."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from faust.cli import argument, option
from rich.console import Console

from conscope_app import app
from conscope_app.commands import import_report as report
from conscope_app.commands.exit_code import ExitCodeCommand, stop_on_signals
from conscope_app.core.clock import utc_now
from conscope_app.sources.files.errors import UnusableFileError
from conscope_app.sources.files.importing import by_time, in_file_order, send, sifted
from conscope_app.sources.files.plan import Choices, ImportPlan, Ready, make_plan
from conscope_app.sources.files.refusals import Refusals
from conscope_app.sources.publisher import Publisher, PublishError
from conscope_app.topics.tickets import RAW_PRICES

DONE, KAFKA_FAILED, ROWS_REFUSED, INTERRUPTED = 0, 1, 3, 130  # click ends usage errors with 2
ROWS_IN_DRY_RUN = 5

_OPTIONS: tuple[Any, ...] = (
    argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    option(
        "--map",
        "maps",
        multiple=True,
        metavar="FIELD=COLUMN",
        help="Which column a field is: price=close. Several are joined by a blank"
        " (timestamp=date+time); a constant has two equals signs (venue==Nasdaq).",
    ),
    option(
        "--set",
        "constants",
        multiple=True,
        metavar="FIELD=VALUE",
        help="The same value of a field for all rows: currency=EUR.",
    ),
    option("--source", metavar="NAME", help="Who says so; the file's name where no column tells."),
    option("--dry-run", "is_dry", is_flag=True, help="Show what would be sent, and send nothing."),
    option("--sort", "is_sorted", is_flag=True, help="Send by ascending time (held in memory)."),
    option(
        "--strict", "is_strict", is_flag=True, help="Send nothing at all where a row is refused."
    ),
    option(
        "--report",
        "report_path",
        type=click.Path(dir_okay=False, writable=True, path_type=Path),
        help="Write every refused row to this CSV file.",
    ),
    option(
        "--decimal",
        "decimal_sign",
        type=click.Choice([".", ","]),
        help="The decimal sign, where the amounts do not tell.",
    ),
    option(
        "--date-format",
        metavar="FORMAT",
        help="day-first or month-first, where the dates do not tell; or a pattern: %d.%m.%Y %H:%M.",
    ),
    option("--encoding", metavar="NAME", help="The encoding, if it is not UTF-8: cp1252."),
    option("--delimiter", metavar="SIGN", help="What separates the cells of a CSV file."),
)


async def import_prices(
    self: ExitCodeCommand,
    path: Path,
    *,
    report_path: Path | None,
    is_dry: bool,
    is_sorted: bool,
    is_strict: bool,
    **choices: Any,
) -> int:
    """Publish the prices in FILE (CSV, JSON Lines, a JSON array, Parquet) to raw_prices.

    Columns are recognised by their usual names; --dry-run shows how, and sends nothing. Moments
    without an offset are taken as UTC. Rows go out in file order, one price event each; a row that
    the pipeline would refuse is not sent, but reported.

    Exit code: 0 all good rows are in Kafka; 1 Kafka failed; 2 the file or the options make no
    sense; 3 --strict, and a row was refused, so that nothing was sent; 130 interrupted.
    """
    console = Console()
    refusals = Refusals()
    with ExitStack() as closing:
        if report_path is not None:
            refusals.write_to(closing.enter_context(_created(report_path)))
        try:
            plan = _plan(console, path, Choices(**choices))
            if is_dry or is_strict:
                good = _check(console, plan, refusals, shown=ROWS_IN_DRY_RUN if is_dry else 0)
                if is_dry or refusals.total:
                    report.show_refusals(console, refusals)
                    console.print(f"Nothing was sent; {good:,} of {plan.row_count:,} rows can be.")
                    return ROWS_REFUSED if is_strict and refusals.total else DONE
            return await _send(console, plan, refusals, is_sorted=is_sorted)
        except UnusableFileError as error:
            raise click.UsageError(report.visible(str(error))) from None
        except PublishError as error:
            report.show_refusals(console, refusals)
            click.echo(f"Error: {error}", err=True)
            return KAFKA_FAILED


def _created(path: Path) -> Any:
    try:
        return path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise click.UsageError(f"--report {path}: {error.strerror}") from None


def _plan(console: Console, path: Path, choices: Choices) -> ImportPlan:
    with report.reading_bar(console, f"Reading {path.name}") as on_read:
        plan = make_plan(path, choices, on_read)
    report.show_plan(console, plan)
    return plan


def _check(console: Console, plan: ImportPlan, refusals: Refusals, *, shown: int) -> int:
    """Translate everything and send nothing. Returns how many rows could be sent."""
    good = 0
    first: list[Ready] = []
    with report.reading_bar(console, "Checking") as on_read:
        for row in sifted(plan.items(utc_now(), on_read), refusals):
            good += 1
            if len(first) < shown:
                first.append(row)
    report.show_rows(console, first)
    return good


async def _send(console: Console, plan: ImportPlan, refusals: Refusals, *, is_sorted: bool) -> int:
    stop = stop_on_signals()
    publisher = Publisher(app.settings.brokers, RAW_PRICES.name, client_id="conscope-import")
    async with publisher:
        with report.reading_bar(console, "Sending") as on_read:
            rows = sifted(plan.items(utc_now(), on_read), refusals)
            records = by_time(rows) if is_sorted else in_file_order(rows)
            sent = await send(records, publisher, stop)
    report.show_refusals(console, refusals)
    console.print(f"Sent {sent:,} of {plan.row_count:,} rows to {RAW_PRICES.name}.")
    if sent + refusals.total < plan.row_count:
        console.print("Interrupted: the rows after these were not sent.")
        return INTERRUPTED
    return DONE


# Faust names a command after its function, and `import` is a word of the language.
import_prices.__name__ = "import"
command = app.command(*_OPTIONS, base=ExitCodeCommand)(import_prices)
