"""Topic reports for people."""

from collections.abc import Sequence
from typing import IO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conscope_app.topics.create import TopicReport
from conscope_app.topics.tickets import TopicSpec

_PIPED_WIDTH = 200  # where no terminal says how wide it is


def print_specs(specs: Sequence[TopicSpec], partitions: int, out: IO[str]) -> None:
    """The topics as they must be."""
    table = Table("topic", "partitions", "cleanup", "kept")
    for spec in specs:
        kept = "newest of each key" if spec.retention is None else f"{spec.retention.days} days"
        table.add_row(spec.name, str(spec.partition_count(partitions)), spec.cleanup, kept)
    Console(file=out, highlight=False, width=None if out.isatty() else _PIPED_WIDTH).print(table)


def print_reports(reports: Sequence[TopicReport], out: IO[str]) -> None:
    """The topics as the broker has them, a line each, and what is wrong below."""
    console = Console(file=out, highlight=False, width=None if out.isatty() else _PIPED_WIDTH)
    for report in reports:
        console.print(Text(f"{report.name}: {report.state}{_size(report)}"))
        for problem in report.problems:
            console.print(Text(f"  problem: {problem}", style="red"))
        for note in report.notes:
            console.print(Text(f"  note: {note}", style="yellow"))


def _size(report: TopicReport) -> str:
    if report.partitions is None:
        return ""
    copies = "1 copy" if report.copies == 1 else f"{report.copies} copies"
    return f", {report.partitions} partitions, {copies}"


def are_sound(reports: Sequence[TopicReport]) -> bool:
    """Whether the pipeline can run on these topics."""
    return not any(report.problems for report in reports)
