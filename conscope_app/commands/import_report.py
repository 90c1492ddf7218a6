"""What `import` shows: how the file is understood, the first rows, and what was refused."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from conscope_app.core.printable import printable
from conscope_app.sources.files.mapping import FIELDS
from conscope_app.sources.files.plan import ImportPlan, OnRead, Ready
from conscope_app.sources.files.refusals import SHOWN, Refusals
from conscope_app.sources.files.translation import AMOUNTS

_MAX_SHOWN = 60


visible = printable


@contextmanager
def reading_bar(console: Console, what: str) -> Iterator[OnRead]:
    """A progress bar by bytes; on no terminal, nothing but the result is shown."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(visible(what), total=None)

        def on_read(position: int, size: int) -> None:
            progress.update(task, completed=position, total=size)

        yield on_read


def show_plan(console: Console, plan: ImportPlan) -> None:
    """How the file is understood, field by field."""
    file, translator = plan.file, plan.translator
    title = Text(visible(f"{file.path.name}: {file.described}"))
    table = Table("field", "comes from", title=title)
    for field in FIELDS:
        if translator.mapping.has(field):
            table.add_row(field, Text(_origin(plan, field)))
    if not translator.mapping.has("source"):
        table.add_row("source", Text(f"{visible(translator.source)!r}, the file's name"))
    if not translator.mapping.has("currency"):
        table.add_row("currency", "as written beside the price, else USD")
    console.print(table)
    console.print(f"{plan.row_count:,} rows; dates: {plan.dates}.", highlight=False)


def show_rows(console: Console, rows: list[Ready]) -> None:
    """The rows as they would be sent."""
    for row in rows:
        value = row.outgoing.value.decode()
        console.print(Text(f"row {row.number}: {visible(value)}"), soft_wrap=True)


def show_refusals(console: Console, refusals: Refusals) -> None:
    """What was refused: how many by reason, and the first of them."""
    if not refusals.total:
        return
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in refusals.counts.most_common())
    console.print(Text(f"Refused {refusals.total:,} rows: {reasons}."), soft_wrap=True)
    for row in refusals.first:
        column = f" {visible(row.column)}" if row.column else ""
        text = f" {visible(row.text)[:_MAX_SHOWN]!r}" if row.text else ""
        console.print(
            Text(f"  row {row.number}{column}{text}: {visible(row.message)}"), soft_wrap=True
        )
    if refusals.total > SHOWN:
        console.print(f"  … and {refusals.total - SHOWN:,} more; --report FILE writes them all")


def _origin(plan: ImportPlan, field: str) -> str:
    mapping = plan.translator.mapping
    if field in mapping.constants:
        return f"always {visible(mapping.constants[field])!r}"
    origin = f"column {visible(mapping.where(field))!r}"
    if field in AMOUNTS:
        sign = "point" if plan.translator.decimal_signs[field] == "." else "comma"
        origin += f", with a decimal {sign}"
    return origin
