"""A child is logged, ends when it is told to, and does not outlive whoever started it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conscope_app.local.child import Child
from conscope_app.local.record import arguments_of
from tests.local.processes import DEAF, UNTIL_TOLD, wait_for_text, wait_until

Start = Callable[[str], Child]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a Python program; whatever still runs at the end is killed."""
    started: list[Child] = []

    def start_program(program: str) -> Child:
        child = Child.start(
            [sys.executable, "-c", program],
            log=tmp_path / "log",
            cwd=tmp_path,
            environment={"GREETING": "hello"},
        )
        started.append(child)
        return child

    yield start_program
    for child in started:
        child.kill()


def test_what_it_prints_is_in_its_log(start: Start, tmp_path: Path) -> None:
    child = start("import os, sys; print(os.environ['GREETING']); print('oh', file=sys.stderr)")

    assert child.wait(20) == 0
    assert sorted(child.log_tail().splitlines()) == ["hello", "oh"]


def test_the_tail_is_that_of_its_own_run(start: Start) -> None:
    """The log goes on over many runs; an old error must not be shown as a new one's."""
    assert start("print('the first run')").wait(20) == 0
    second = start("print('the second run')")

    assert second.wait(20) == 0
    assert second.log_tail() == "the second run"


def test_it_is_in_a_session_of_its_own(start: Start, tmp_path: Path) -> None:
    """Ctrl-C goes to every process of the terminal's session."""
    child = start(UNTIL_TOLD)

    assert os.getsid(child.pid) == child.pid
    assert child.exit_code is None


def test_stop_ends_it_with_the_signal(start: Start, tmp_path: Path) -> None:
    child = start(UNTIL_TOLD)
    wait_for_text(tmp_path / "log", "up")

    child.stop(signal.SIGINT)

    assert child.exit_code in {-signal.SIGINT, 1}  # Python prints a traceback and dies of SIGINT


def test_stop_kills_what_does_not_listen(start: Start, tmp_path: Path) -> None:
    child = start(DEAF)
    wait_for_text(tmp_path / "log", "up")

    child.stop(grace_s=0.1)

    assert child.exit_code == -signal.SIGKILL


def test_stopping_what_has_ended_changes_nothing(start: Start) -> None:
    child = start("raise SystemExit(3)")
    assert child.wait(20) == 3

    child.stop()

    assert child.exit_code == 3


def test_a_child_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    """SIGKILL leaves the starter no chance to stop anything."""
    mark = f"mark={tmp_path}"
    starter = f"""
import signal, sys
from pathlib import Path
from conscope_app.local.child import Child
child = Child.start(
    [sys.executable, "-X", {mark!r}, "-c", {UNTIL_TOLD!r}],
    log=Path({str(tmp_path / "log")!r}), cwd=Path("/"), environment={{}},
)
print(child.pid, flush=True)
signal.pause()
"""
    with subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE) as running:
        assert running.stdout
        pid = int(running.stdout.readline())
        wait_for_text(tmp_path / "log", "up")
        assert mark in arguments_of(pid)

        running.kill()

        wait_until(lambda: mark not in arguments_of(pid))
