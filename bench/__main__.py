"""`python -m bench full`, `quick` and `market`: what is measured, and what came of it."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench import contestants
from bench.machine import commit, this_machine, versions
from bench.plan import FULL, MARKET, QUICK, Plan
from bench.programme import Programme
from bench.report.page import publish
from bench.report.summary import targets
from bench.run import Results, Run
from bench.servers import KEPT, ROOT
from conscope_app.core.clock import monotonic_s, utc_now

PUBLISHED = ROOT / "bench" / "results.json"
_PLANS = {plan.form: plan for plan in (FULL, QUICK, MARKET)}
LAST_PART = KEPT / "bench" / "results.json"


def main() -> int:
    """Measure, write the results, print the targets; exit code 1 where an outcome was wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("form", choices=tuple(_PLANS))
    parser.add_argument(
        "--only", action="append", metavar="SCENARIO", help="of the scenarios only these"
    )
    parser.add_argument(
        "--into", type=Path, help="where the results are written; a whole one: bench/results.json"
    )
    options = parser.parse_args()
    plan = _PLANS[options.form]
    only = [plan.form] if plan is MARKET else options.only
    whole = options.form == "full" and not options.only
    into = options.into or (PUBLISHED if whole else LAST_PART)
    python = contestants.prepare(say)
    taking_part = versions(python)
    began = utc_now()
    with tempfile.TemporaryDirectory(prefix="conscope-bench-") as name:
        runs = measure(plan, Path(name), only)
    results = Results(
        began=began.isoformat(timespec="seconds"),
        form=plan.form,
        commit=commit(),
        machine=this_machine(),
        versions=taking_part,
        runs=tuple(runs),
    )
    into.parent.mkdir(parents=True, exist_ok=True)
    into.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n")
    if whole:
        publish(results, ROOT / "docs")
    print(targets(results))
    print(durations(runs))
    print(f"{into.relative_to(ROOT) if into.is_relative_to(ROOT) else into} holds every run.")
    wrong = [run for run in runs if run.wrong is not None]
    for run in wrong:
        print(f"WRONG: {run.scenario}, {run.contestant}: {run.wrong}", file=sys.stderr)
    return 1 if wrong else 0


def measure(plan: Plan, folder: Path, only: list[str] | None) -> list[Run]:
    """Every scenario of the plan, on servers of our own."""
    runs: list[Run] = []
    began_s = before_s = monotonic_s()
    for run in Programme(plan, folder).runs(only):
        now_s = monotonic_s()
        runs.append(msgspec.structs.replace(run, took_s=round(now_s - before_s, 1)))
        before_s = now_s
        figures = ", ".join(f"{name} {value:,.7g}" for name, value in run.figures.items())
        conditions = ", ".join(f"{name} {value:,g}" for name, value in run.parameters.items())
        said = f"{run.scenario}: {run.contestant} ({conditions}): {run.wrong or figures}"
        say(f"{_minutes(now_s - began_s)} {said}")
    return runs


def durations(runs: Sequence[Run]) -> str:
    """How long each scenario took, and all of them."""
    took_s: dict[str, float] = {}
    for run in runs:
        took_s[run.scenario] = took_s.get(run.scenario, 0) + run.took_s
    each = ", ".join(f"{scenario} {_minutes(seconds)}" for scenario, seconds in took_s.items())
    return f"It took {_minutes(sum(took_s.values()))}: {each}."


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def say(line: str) -> None:
    """Say how far the benchmark is."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
