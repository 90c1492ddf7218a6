"""What the page shows of all runs together."""

from collections.abc import Sequence

from bench.report.conditions import conditions
from bench.report.markdown import plain, table
from bench.report.quantities import NONE
from bench.report.target import Target
from bench.report.targets import TARGETS
from bench.run import Results

# The last words of a program that failed may be long; results.json has them whole.
_MAX_TOLD = 300


def machine(results: Results) -> str:
    """When and on what, and every version that took part."""
    ran = results.machine
    rows = [
        ("began", results.began),
        ("took", f"{sum(run.took_s for run in results.runs if not run.anew) / 60:.0f} minutes"),
        ("form", results.form),
        ("commit", results.commit),
        ("processor", f"{ran.processor}, {ran.cores} cores"),
        ("memory", f"{ran.memory_gb:.0f} GB"),
        ("system", ran.system),
        *_measured_anew(results),
        *sorted(results.versions.items()),
    ]
    return table(("what", "which"), [(plain(name), plain(said)) for name, said in rows], words=2)


def _measured_anew(results: Results) -> list[tuple[str, str]]:
    """The scenarios that were measured again later, each with its commit and beginning."""
    marks = {run.scenario: run.anew for run in results.runs if run.anew}
    return [(f"{scenario}, measured anew", mark) for scenario, mark in marks.items()]


def targets(results: Results) -> str:
    """Each target, what was measured for it, and whether it is met."""
    rows = [_judged(target, results) for target in TARGETS]
    return table(("target", "what counts", "aimed at", "measured", "verdict"), rows, words=2)


def _judged(target: Target, results: Results) -> Sequence[str]:
    value = target.measured(results)
    shown = NONE if value is None else target.shown(value)
    verdict = target.verdict(results).value
    return plain(target.name), target.compared, target.asked(), shown, verdict


def left_out(results: Results) -> str:
    """The runs that count for nothing, and why."""
    rows = [
        (run.scenario, run.contestant, conditions(run.parameters), _cut(run.wrong))
        for run in results.runs
        if run.wrong is not None
    ]
    if not rows:
        return f"None: each of the {len(results.runs)} runs had the right outcome."
    head = ("scenario", "contestant", "conditions", "what was wrong")
    return table(head, [[plain(cell) for cell in row] for row in rows], words=len(head))


def _cut(told: str) -> str:
    return told if len(told) <= _MAX_TOLD else told[: _MAX_TOLD - 1] + "…"
