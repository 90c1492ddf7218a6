"""Runs scenarios, some at the same time, each with dice of its own from the one seed."""

import shutil
import tempfile
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from conscope_app.core.clock import monotonic_s
from conscope_app.local.artifacts import Artifacts
from tests.chaos.scenario import Scenario
from tests.chaos.trial import Trial
from tests.chaos.verdict import Row

Tell = Callable[[Row], None]

_under_way: list[Trial] = []


def run_all(
    scenarios: Sequence[tuple[Scenario, int]],
    *,
    seed: int,
    lanes: int,
    artifacts: Artifacts,
    keep: Path | None = None,
    tell: Tell = lambda _row: None,
) -> list[Row]:
    """Run each scenario so many times; the rows come in the order of the scenarios.

    Those with three brokers, which keep the processors busy, are spread among those that mostly
    wait. The folder of a scenario that did not hold is moved to `keep`, with everybody's logs.
    """

    def one(place: int) -> Row:
        scenario, times = scenarios[place]
        row = run_one(scenario, times, seed=seed, artifacts=artifacts, keep=keep)
        tell(row)
        return row

    with ThreadPoolExecutor(lanes) as pool:
        began = {place: pool.submit(one, place) for place in _spread(scenarios)}
        return [began[place].result() for place in range(len(scenarios))]


def _spread(scenarios: Sequence[tuple[Scenario, int]]) -> list[int]:
    """The places of the scenarios in the order in which they begin."""
    places = range(len(scenarios))
    heavy = [place for place in places if scenarios[place][0].demand.brokers > 1]
    light = [place for place in places if scenarios[place][0].demand.brokers == 1]
    step = len(light) // (len(heavy) + 1) + 1
    for turn, place in enumerate(heavy):
        light.insert(turn * step, place)
    return light


def run_one(
    scenario: Scenario, times: int, *, seed: int, artifacts: Artifacts, keep: Path | None = None
) -> Row:
    """Run one scenario; whatever goes wrong with it stands in its row."""
    row = Row(scenario.name, scenario.title, scenario.promise, seed, times)
    began = monotonic_s()
    # Another user runs Postgres where we are root: it has to get into the folder.
    with tempfile.TemporaryDirectory(prefix=f"conscope-{scenario.name}-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        why_not = scenario.demand.unmet()
        if why_not is not None:
            row.skipped = why_not
        else:
            _strike(scenario, row, folder, artifacts)
        if keep is not None and row.broken:
            shutil.copytree(folder, keep / scenario.name, dirs_exist_ok=True, ignore=_only_logs)
    row.took_s = round(monotonic_s() - began, 1)
    return row


def abandon() -> None:
    """End everything that the trials under way have started, at once; their rows are void."""
    for trial in tuple(_under_way):
        trial.abandon()
        shutil.rmtree(trial.folder, ignore_errors=True)


def _strike(scenario: Scenario, row: Row, folder: Path, artifacts: Artifacts) -> None:
    dice = Random(f"{row.seed}/{scenario.name}")
    try:
        with Trial(scenario, seed=row.seed, folder=folder, artifacts=artifacts) as trial:
            _under_way.append(trial)
            try:
                try:
                    scenario.strike(trial, dice, row.times)
                finally:
                    trial.conclude(row)
            finally:
                _under_way.remove(trial)
    except Exception as error:  # noqa: BLE001 a row that could not be had is a broken one
        traceback.print_exception(error)
        row.broken.append(f"{type(error).__name__}: {error}"[:2000])


def _only_logs(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if (Path(folder) / name).is_file() and ".log" not in name}
