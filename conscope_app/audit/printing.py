"""An audit's report for people and for programs."""

from collections.abc import Callable
from typing import IO

import msgspec
from rich.box import ROUNDED
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conscope_app.audit.report import Report, Total
from conscope_app.core.printable import printable, printable_json

_PIPED_WIDTH = 200  # where no terminal says how wide it is

_NUMBERS: tuple[tuple[str, Callable[[Total], int]], ...] = (
    ("expected", lambda total: total.expected),
    ("found", lambda total: total.found),
    ("missing", lambda total: total.missing),
    ("doubled", lambda total: total.doubled),
    ("wrong", lambda total: total.wrong),
    ("unexpected", lambda total: total.unexpected),
    ("refused", lambda total: total.excused),
    ("removed", lambda total: total.removed),
)
_FAULTS = frozenset({"missing", "doubled", "wrong", "unexpected"})


def as_json(report: Report) -> str:
    """The whole report as one JSON object; `clean` says whether everything is right."""
    fields = {"clean": report.clean, **msgspec.structs.asdict(report)}
    return printable_json(msgspec.json.encode(fields).decode())


def print_report(report: Report, out: IO[str]) -> None:
    """A table of the places, then what is wrong by id, then the verdict; plain where piped."""
    console = Console(file=out, highlight=False, width=None if out.isatty() else _PIPED_WIDTH)
    for what, records, good, partitions in (
        ("raw prices", report.records, report.good, report.partitions),
        (
            "market snapshots",
            report.snapshots,
            report.good_snapshots,
            report.snapshot_partitions,
        ),
    ):
        counts = f"{records} {what} audited, {good} of them good"
        console.print(f"{counts}, in {len(partitions)} partitions.")
    console.print(_totals(report, framed=console.is_terminal))
    for finding in report.findings:
        detail = f": {finding.detail}" if finding.detail else ""
        line = f"{finding.place}  {finding.fault}  {finding.id}{detail}"
        console.print(Text(printable(line)))
    hidden = sum(map(_fault_count, report.totals)) - len(report.findings)
    if hidden:
        console.print(f"… and {hidden} more; --limit shows more of each kind.")
    for note in report.notes:
        console.print(Text(printable(note), style="yellow"))
    console.print(_verdict(report))


def _totals(report: Report, *, framed: bool) -> Table:
    table = Table(box=ROUNDED if framed else None, pad_edge=framed)
    table.add_column("place")
    for name, _ in _NUMBERS:
        table.add_column(name, justify="right")
    for total in report.totals:
        cells = [
            Text(str(number(total)), style="bold red" if name in _FAULTS and number(total) else "")
            for name, number in _NUMBERS
        ]
        table.add_row(Text(total.place), *cells)
    return table


def _fault_count(total: Total) -> int:
    return total.missing + total.doubled + total.wrong + total.unexpected


def _verdict(report: Report) -> Text:
    if report.clean:
        return Text("Clean: everything is there, once and right.", style="bold green")
    count = sum(map(_fault_count, report.totals))
    return Text(f"Not clean: {count} faults.", style="bold red")
