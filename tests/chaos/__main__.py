"""`python -m tests.chaos`: run faults and write the report.

python -m tests.chaos quick --seed 7
python -m tests.chaos full --seed 7 --only kill --only terminate
python -m tests.chaos list
"""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom

import conscope_app
from conscope_app.core.clock import monotonic_s
from conscope_app.local.artifacts import prepare
from tests.chaos.publication import publish
from tests.chaos.report import Run, remarks, table
from tests.chaos.scenario import Scenario
from tests.chaos.scenarios import ALL, SOAK
from tests.chaos.schedule import abandon, run_all
from tests.chaos.verdict import Row

ROOT = Path(__file__).parents[2]
LANES = 2


def chosen(given: argparse.Namespace) -> list[tuple[Scenario, int]]:
    """The scenarios of a run, each with how often it strikes."""
    if given.kind == "soak":
        return [(SOAK, round(given.hours * 3600))]
    unknown = set(given.only) - {scenario.name for scenario in ALL}
    if unknown:
        raise SystemExit(f"there is no scenario {', '.join(sorted(unknown))}")
    picked = [each for each in ALL if not given.only or each.name in given.only]
    if given.kind == "full":
        return [(each, each.times) for each in picked]
    return [(each, each.quick_times) for each in picked if each.quick_times]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print the table, write the report; 1 where a promise was broken."""
    given = _parser().parse_args(arguments)
    if given.kind == "list":
        for scenario in ALL:
            print(f"{scenario.name:28} {scenario.times:4} {scenario.title}: {scenario.promise}")
        return 0
    if given.kind == "publish":
        publish(given.files, ROOT / "docs")
        return 0
    # The faults are ours: what the harness' own clients say of each retry is no news.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    seed = SystemRandom().randrange(1_000_000) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    run = _run(given.kind, seed, chosen(given), given.lanes, given.keep)
    rows = [row.as_json() for row in run.rows]
    text = f"{table(rows)}\n\n{remarks(rows)}\n"
    print(f"\n{text}")
    print(f"seed {seed}: {'held' if run.held else 'BROKEN'} in {run.took_s:.0f} s")
    if given.report is not None:
        given.report.mkdir(parents=True, exist_ok=True)
        (given.report / "report.json").write_text(run.as_json())
        (given.report / "report.md").write_text(text)
    return 0 if run.held else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos", description="Faults, and a report of what they changed."
    )
    parser.add_argument("kind", choices=["quick", "full", "soak", "list", "publish"])
    parser.add_argument("files", nargs="*", type=Path, help="reports to publish in docs/")
    parser.add_argument("--seed", type=int, help="repeats a run; random where it is not given")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--lanes", type=int, default=LANES, help="scenarios at the same time")
    parser.add_argument("--hours", type=float, default=1.0, help="of a soak")
    parser.add_argument("--report", type=Path, help="a folder for report.md and report.json")
    parser.add_argument(
        "--keep", type=Path, default=ROOT / ".conscope" / "chaos", help="a folder for logs"
    )
    return parser


def _run(kind: str, seed: int, jobs: Sequence[tuple[Scenario, int]], lanes: int, keep: Path) -> Run:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end_at_once)
    lock = threading.Lock()

    def tell(row: Row) -> None:
        with lock:
            word = "held" if row.held else row.skipped or "BROKEN"
            print(f"{row.name:24} {word} after {row.took_s:.0f} s", flush=True)
            for broken in row.broken:
                print(f"    {broken}", flush=True)

    began = monotonic_s()
    artifacts = prepare(ROOT / ".conscope" / "artifacts")
    rows = run_all(jobs, seed=seed, lanes=lanes, artifacts=artifacts, keep=keep, tell=tell)
    return Run(kind, seed, conscope_app.__version__, round(monotonic_s() - began, 1), rows)


def _end_at_once(number: int, _frame: object) -> None:
    # The lanes wait for things that will not come any more: nobody waits for them.
    print("ending everything that was started", flush=True)
    abandon()
    os._exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
