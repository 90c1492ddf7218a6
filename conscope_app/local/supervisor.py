"""Keeps a program running: starts it again when it ends, unless it asked to stay down."""

import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from conscope_app.core.clock import monotonic_s
from conscope_app.local.child import Child
from conscope_app.local.record import ServerRecord, stop_leftover
from conscope_app.stream.ending import EXIT_STAY_DOWN

FIRST_DELAY_S = 1.0
MAX_DELAY_S = 16.0
# A run of this length was a good one: the next end is a new story, not the same one going on.
GOOD_RUN_S = 60.0


class Change(Enum):
    """What happened to a supervised program since it was last looked at."""

    ENDED = auto()
    STARTED_AGAIN = auto()
    STAYS_DOWN = auto()


@dataclass(frozen=True)
class Program:
    """A Python module to run. The folder is its own: its log and the note of its process go there.

    The folder also stands in the command line, where Python ignores it: by it, a process that an
    earlier run left behind is recognised.
    """

    name: str
    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(repr=False)

    @property
    def mark(self) -> str:
        """The argument that no other process has."""
        return f"conscope-program={self.folder.resolve()}"

    @property
    def command(self) -> list[str]:
        """The whole command line."""
        return [sys.executable, "-X", self.mark, *self.arguments]

    @property
    def log(self) -> Path:
        """The file with what it printed."""
        return self.folder / "output.log"


class Supervisor:
    """Runs one program. Nothing happens by itself: call `tick` several times a second."""

    def __init__(self, program: Program, *, now_s: Callable[[], float] = monotonic_s) -> None:
        self.program = program
        self._now_s = now_s
        self._child: Child | None = None
        self._started_s = 0.0
        self._delay_s = 0.0
        self._start_at_s: float | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the run that is on, or of the last one."""
        return self._child.pid if self._child else None

    @property
    def exit_code(self) -> int | None:
        """How the last run ended; None while one is on."""
        return self._child.exit_code if self._child else None

    @property
    def delay_s(self) -> float:
        """How long it waits before it starts the program again."""
        return self._delay_s

    def start(self) -> None:
        """Start the program, after ending what an earlier run of ours may have left of it."""
        self.program.folder.mkdir(parents=True, exist_ok=True)
        left = ServerRecord.read(self._record_path)
        stop_leftover(left.pid, self.program.mark, signal.SIGTERM)
        self._spawn()

    def tick(self) -> Change | None:
        """Look at the program; start it again where its time has come."""
        if self._child is None or self._child.exit_code is None:
            return None
        if self._start_at_s is None:
            return self._note_end(self._child.exit_code)
        if self._now_s() < self._start_at_s:
            return None
        self._spawn()
        return Change.STARTED_AGAIN

    def stop(self, grace_s: float = 30) -> None:
        """Ask the program to end, and end it where it does not within the grace time."""
        if self._child is not None:
            self._child.stop(signal.SIGTERM, grace_s)

    def log_tail(self) -> str:
        """The last lines of the run that is on, or of the last one."""
        return self._child.log_tail() if self._child else ""

    def _note_end(self, code: int) -> Change | None:
        if code == EXIT_STAY_DOWN:
            self._start_at_s = float("inf")
            return Change.STAYS_DOWN
        now_s = self._now_s()
        if now_s - self._started_s >= GOOD_RUN_S:
            self._delay_s = 0
        self._delay_s = min(max(FIRST_DELAY_S, self._delay_s * 2), MAX_DELAY_S)
        self._start_at_s = now_s + self._delay_s
        return Change.ENDED

    def _spawn(self) -> None:
        self._start_at_s = None
        self._started_s = self._now_s()
        self._child = Child.start(
            self.program.command,
            log=self.program.log,
            cwd=Path.cwd(),
            environment=self.program.environment,
        )
        ServerRecord(pid=self._child.pid).write(self._record_path)

    @property
    def _record_path(self) -> Path:
        return self.program.folder / "process.json"
