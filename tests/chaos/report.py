"""The report as Markdown and JSON."""

import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.chaos.verdict import Row

_HEAD = (
    "| fault | times | records in | missing | doubled | wrong | alerts | alerts missing "
    "| alerts doubled | longest stall | caught up after | |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Run:
    """All rows of one run."""

    kind: str
    seed: int
    version: str
    took_s: float
    rows: Sequence[Row]

    @property
    def held(self) -> bool:
        """Whether no promise was broken."""
        return not any(row.broken for row in self.rows)

    def as_json(self) -> str:
        """The run for programs."""
        return json.dumps(
            {
                "kind": self.kind,
                "seed": self.seed,
                "version": self.version,
                "python": platform.python_version(),
                "took_s": self.took_s,
                "held": self.held,
                "rows": [row.as_json() for row in self.rows],
            },
            indent=1,
        )


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as a table of Markdown."""
    return "\n".join([_HEAD, *(_line(row) for row in rows)])


def _line(row: dict[str, Any]) -> str:
    if row["skipped"]:
        return f"| {row['title']} | – |" + " – |" * 9 + f" not run: {row['skipped']} |"
    caught_up = "never" if row["caught_up_s"] is None else f"{row['caught_up_s']:.1f} s"
    cells = [
        row["title"],
        row["times"],
        f"{row['records']:,}",
        row["missing"],
        row["doubled"],
        row["wrong"],
        f"{row['alerts']:,}",
        row["alerts_missing"],
        row["alerts_doubled"],
        f"{row['stall_s']:.1f} s",
        caught_up,
        "held" if row["held"] else "**broken**",
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def remarks(rows: Sequence[dict[str, Any]]) -> str:
    """What the rows have to say beside their figures."""
    said = [f"- {row['title']}: {text}" for row in rows for text in (*row["notes"], *row["broken"])]
    return "\n".join(said)
