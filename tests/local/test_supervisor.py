"""A program is started again when it ends, later each time, unless it asks to stay down."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conscope_app.local.supervisor import (
    FIRST_DELAY_S,
    GOOD_RUN_S,
    MAX_DELAY_S,
    Change,
    Program,
    Supervisor,
)
from tests.local.processes import UNTIL_TOLD, wait_for_text, wait_until


class Clock:
    """Time that moves when the test says so."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


Supervise = Callable[[str], Supervisor]


@pytest.fixture
def supervise(tmp_path: Path, clock: Clock) -> Iterator[Supervise]:
    """Supervise a Python program; it is stopped at the end."""
    made: list[Supervisor] = []

    def start(code: str) -> Supervisor:
        program = Program("it", ["-c", code], tmp_path / "it", {})
        supervisor = Supervisor(program, now_s=clock)
        made.append(supervisor)
        supervisor.start()
        return supervisor

    yield start
    for supervisor in made:
        supervisor.stop(grace_s=1)


def await_end(supervisor: Supervisor) -> None:
    wait_until(lambda: supervisor.exit_code is not None)


def test_a_running_program_is_left_alone(supervise: Supervise) -> None:
    supervisor = supervise(UNTIL_TOLD)

    assert supervisor.tick() is None
    assert supervisor.exit_code is None


def test_a_program_that_ends_is_started_again_after_a_second(
    supervise: Supervise, clock: Clock
) -> None:
    supervisor = supervise("raise SystemExit(70)")
    first = supervisor.pid
    await_end(supervisor)

    assert supervisor.tick() is Change.ENDED
    assert supervisor.tick() is None
    clock.now_s += FIRST_DELAY_S
    assert supervisor.tick() is Change.STARTED_AGAIN
    assert supervisor.pid != first


def test_one_that_was_killed_is_started_again_too(supervise: Supervise, clock: Clock) -> None:
    supervisor = supervise(UNTIL_TOLD)
    assert supervisor.pid
    os.kill(supervisor.pid, signal.SIGKILL)
    await_end(supervisor)

    assert supervisor.exit_code == -signal.SIGKILL
    assert supervisor.tick() is Change.ENDED


def delays(supervisor: Supervisor, clock: Clock, ends: int) -> list[float]:
    """How long it waits after each of so many ends."""
    waited = []
    for _ in range(ends):
        await_end(supervisor)
        assert supervisor.tick() is Change.ENDED
        waited.append(supervisor.delay_s)
        clock.now_s += supervisor.delay_s
        assert supervisor.tick() is Change.STARTED_AGAIN
    return waited


def test_the_wait_doubles_up_to_a_limit(supervise: Supervise, clock: Clock) -> None:
    supervisor = supervise("raise SystemExit(1)")

    assert delays(supervisor, clock, 6) == [1, 2, 4, 8, 16, MAX_DELAY_S]


def test_after_a_good_run_the_wait_is_short_again(supervise: Supervise, clock: Clock) -> None:
    supervisor = supervise("raise SystemExit(1)")
    delays(supervisor, clock, 3)

    clock.now_s += GOOD_RUN_S

    assert delays(supervisor, clock, 1) == [FIRST_DELAY_S]


def test_one_that_asks_to_stay_down_is_not_started_again(
    supervise: Supervise, clock: Clock
) -> None:
    """Exit code 78 says that starting again does not help."""
    supervisor = supervise("print('half of the records are bad'); raise SystemExit(78)")
    await_end(supervisor)

    assert supervisor.tick() is Change.STAYS_DOWN
    clock.now_s += 10 * MAX_DELAY_S
    assert supervisor.tick() is None
    assert supervisor.log_tail() == "half of the records are bad"


def test_what_an_earlier_run_left_behind_is_ended_first(
    supervise: Supervise, tmp_path: Path
) -> None:
    left = supervise(UNTIL_TOLD)
    wait_for_text(tmp_path / "it" / "output.log", "up")

    new = supervise(UNTIL_TOLD)

    assert left.exit_code == -signal.SIGTERM
    assert new.pid != left.pid


def test_the_log_names_the_program_that_it_belongs_to(supervise: Supervise) -> None:
    supervisor = supervise("import sys; print(sys._xoptions)")
    await_end(supervisor)

    assert str(supervisor.program.folder) in supervisor.log_tail()
    assert supervisor.program.command[0] == sys.executable
