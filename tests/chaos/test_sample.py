"""The seeded sample of faults that every run of the tests goes through; `make chaos` does all."""

import pytest

from conscope_app.local.artifacts import Artifacts
from tests.chaos.report import table
from tests.chaos.scenarios import ALL
from tests.chaos.schedule import run_all

pytestmark = pytest.mark.broker

SEED = 20
LANES = 2


def test_a_sample_of_faults_changes_nothing(artifacts: Artifacts) -> None:
    """Some deployments at a time; every row of the report held, or could not be run here."""
    sample = [(scenario, scenario.quick_times) for scenario in ALL if scenario.quick_times]

    rows = run_all(sample, seed=SEED, lanes=LANES, artifacts=artifacts)

    report = table([row.as_json() for row in rows])
    broken = [f"{row.name}: {what}" for row in rows for what in row.broken]
    assert not broken, "\n".join([*broken, report])
