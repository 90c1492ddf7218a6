"""A contestant as a process: started, ended by its id, its last words kept for errors."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.servers import ROOT
from bench.stage import Program

_END_S = 40.0
_LAST_WORDS = 3_000


class Contending:
    """A running contestant; leaving the `with` ends it."""

    def __init__(self, program: Program, log: Path) -> None:
        self._program = program
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def pids(self) -> list[int]:
        return [self.pid]

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def last_words(self) -> str:
        """The end of what it printed."""
        return self._log.read_text(errors="replace")[-_LAST_WORDS:]

    def __enter__(self) -> Self:
        inherited = {
            name: value
            for name, value in os.environ.items()  # noqa: TID251 what a shell would hand over
            if not name.startswith("CONSCOPE_")
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._program.command,
                cwd=ROOT,
                env=inherited | dict(self._program.environment),
                stdout=log,
                stderr=log,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None, "not started"
        self._process.terminate()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@dataclass(frozen=True)
class Together:
    """Several processes that contend as one."""

    each: Sequence[Contending]

    @property
    def pids(self) -> list[int]:
        return [one.pid for one in self.each]

    @property
    def alive(self) -> bool:
        return all(one.alive for one in self.each)

    @property
    def last_words(self) -> str:
        return "\n".join(one.last_words for one in self.each)


@contextmanager
def all_of(programs: Sequence[Program], folder: Path) -> Iterator[Together]:
    """Start every program, and end them all when leaving."""
    with ExitStack() as stack:
        started = [
            stack.enter_context(Contending(program, folder / f"output-{number}.log"))
            for number, program in enumerate(programs, start=1)
        ]
        yield Together(started)
