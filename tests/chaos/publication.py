"""The reports in docs/: one JSON file with every run, and the tables of docs/reliability.md."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.chaos.report import table

_SUMMED = (
    "times",
    "records",
    "missing",
    "doubled",
    "wrong",
    "alerts",
    "alerts_missing",
    "alerts_doubled",
)
_BEGIN, _END = "<!-- {} -->", "<!-- end of {} -->"

Run = Mapping[str, Any]


def publish(reports: Sequence[Path], docs: Path) -> None:
    """Put these runs into docs/reliability.json, and their tables into docs/reliability.md."""
    runs = [json.loads(report.read_text()) for report in reports]
    (docs / "reliability.json").write_text(json.dumps(runs, indent=1) + "\n")
    page = docs / "reliability.md"
    page.write_text(with_tables(page.read_text(), runs))


def with_tables(page: str, runs: Sequence[Run]) -> str:
    """The page with the tables of these runs between its marks."""
    chaos = [run for run in runs if run["kind"] == "full"]
    soaks = [run for run in runs if run["kind"] == "soak"]
    return _between(_between(page, "chaos", _told(chaos)), "soak", _told(soaks) + _notes(soaks))


def together(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """One row a scenario: the sums of all runs, the longest of their times."""
    rows: dict[str, dict[str, Any]] = {}
    for run in runs:
        for row in run["rows"]:
            if row["name"] in rows:
                _add(rows[row["name"]], row)
            else:
                rows[row["name"]] = dict(row)
    return list(rows.values())


def _add(total: dict[str, Any], row: Mapping[str, Any]) -> None:
    for name in _SUMMED:
        total[name] += row[name]
    total["stall_s"] = max(total["stall_s"], row["stall_s"])
    times = (total["caught_up_s"], row["caught_up_s"])
    total["caught_up_s"] = None if None in times else max(times)
    total["held"] = total["held"] and row["held"]
    total["skipped"] = total["skipped"] or row["skipped"]


def _told(runs: Sequence[Run]) -> str:
    return (
        f"{_said(runs)}\n\n{table(together(runs))}"
        if runs
        else "No whole run has been published yet."
    )


def _said(runs: Sequence[Run]) -> str:
    told = [
        f"seed {run['seed']} ({run['took_s'] / 60:.0f} minutes, "
        f"{'everything held' if run['held'] else 'something was broken'})"
        for run in runs
    ]
    rows = [row for run in runs for row in run["rows"]]
    times, records = (sum(row[name] for row in rows) for name in ("times", "records"))
    return (
        f"{len(runs)} run{'s' * (len(runs) != 1)}: {', '.join(told)}. "
        f"In all {times:,} faults amid {records:,} records."
    )


def _notes(runs: Sequence[Run]) -> str:
    notes = [f"- {note}" for run in runs for row in run["rows"] for note in row["notes"]]
    return "\n".join(["\n", *notes]) if notes else ""


def _between(page: str, name: str, text: str) -> str:
    begin, end = _BEGIN.format(name), _END.format(name)
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{text}\n{end}{after}"
