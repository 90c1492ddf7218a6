"""What one measurement gave: the values that results.json holds."""

from collections.abc import Mapping

import msgspec


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One contestant, once, in one scenario.

    `parameters` say under which conditions (`seats`, `partitions`, `record_bytes`, `drop_share`,
    `workers`, `rate`), `figures` what was measured, each name with its unit at its end
    (`records_per_s`, `cpu_us_per_record`, `peak_memory_mb`, `told_p99_ms`). `wrong` says what was
    wrong with the outcome; a run whose outcome was wrong counts for nothing. `took_s` is what the
    run took of the benchmark's own time, with all that was made ready for it and checked after it.
    `anew` names commit and beginning of a run that was made after the whole, in place of another.
    """

    scenario: str
    contestant: str
    parameters: Mapping[str, float] = {}
    figures: Mapping[str, float] = {}
    wrong: str | None = None
    took_s: float = 0
    anew: str = ""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What the runs ran on."""

    processor: str
    cores: int
    memory_gb: float
    system: str


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """A whole benchmark, as results.json holds it."""

    began: str
    form: str
    commit: str
    machine: Machine
    versions: Mapping[str, str]
    runs: tuple[Run, ...]

    def with_anew(self, later: "Results") -> "Results":
        """The same with the scenarios of a later benchmark in the place of their earlier runs."""
        mark = f"{later.commit}, {later.began}"
        anew = [msgspec.structs.replace(run, anew=mark) for run in later.runs]
        scenarios = {run.scenario for run in anew}
        kept = [run for run in self.runs if run.scenario not in scenarios]
        return msgspec.structs.replace(self, runs=(*kept, *anew))

    def of(self, scenario: str, contestant: str | None = None, **parameters: float) -> list[Run]:
        """The runs with a right outcome that fit."""
        return [
            run
            for run in self.runs
            if run.scenario == scenario
            and run.wrong is None
            and contestant in (None, run.contestant)
            and all(run.parameters.get(name) == value for name, value in parameters.items())
        ]
