"""Our own programs on this machine: how each is called, and what happens to all of them."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from conscope_app.local.child import Child
from conscope_app.local.screen import Screen
from conscope_app.local.stop_request import StopRequest
from conscope_app.local.supervisor import Change, Program, Supervisor

POLL_S = 0.1
SOURCE_GRACE_S = 15.0
WORKER_GRACE_S = 30.0


class ProgramError(Exception):
    """A program of ours failed in a way that starting it again does not help."""


class Programs:
    """Runs commands of `faust -A conscope_app`, once or supervised, under one folder."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], screen: Screen, stop: StopRequest
    ) -> None:
        self.folder = folder
        self._environment = environment
        self._screen = screen
        self._stop = stop
        self._running: list[tuple[Supervisor, float]] = []

    def run_to_end(self, **commands: str) -> None:
        """Run commands side by side to their ends; one that fails raises with its last lines."""
        running: list[tuple[str, Child]] = []
        try:
            for name, command in commands.items():
                program = self._program(name, command.split(), {})
                program.folder.mkdir(parents=True, exist_ok=True)
                running.append((command, _start_once(program)))
            for command, child in running:
                while (code := child.wait(POLL_S)) is None:
                    self._stop.check()
                if code:
                    tail = child.log_tail()
                    raise ProgramError(f"`faust -A conscope_app {command}` failed:\n{tail}")
        finally:
            for _, child in running:
                child.stop()

    def keep_running(
        self, name: str, *arguments: str, grace_s: float, **environment: str
    ) -> Supervisor:
        """Start a command and start it again whenever it ends, as long as `tick` is called."""
        return self._keep_running(self._program(name, arguments, environment), grace_s)

    def keep_module_running(
        self, name: str, module: str, *arguments: str, grace_s: float
    ) -> Supervisor:
        """The same with a module of ours that is no command of Faust's."""
        folder = self.folder / name
        program = Program(name, ["-m", module, *arguments], folder, self._environment)
        return self._keep_running(program, grace_s)

    def settle(self, environment: Mapping[str, str]) -> None:
        """Have what is started from here on find these in its environment too."""
        self._environment = {**self._environment, **environment}

    def _keep_running(self, program: Program, grace_s: float) -> Supervisor:
        supervisor = Supervisor(program)
        self._running.append((supervisor, grace_s))
        supervisor.start()
        return supervisor

    def tick(self) -> None:
        """Wait a moment, then look after every program; raise where one asked to stay down."""
        time.sleep(POLL_S)
        for supervisor, _ in self._running:
            name, code = supervisor.program.name, supervisor.exit_code
            match supervisor.tick():
                case Change.ENDED:
                    self._screen.trouble(
                        f"{name} ended ({_ending(code)}), starting it again in "
                        f"{supervisor.delay_s:.0f} s; see {supervisor.program.log}"
                    )
                case Change.STARTED_AGAIN:
                    self._screen.line(f"{name} was started again")
                case Change.STAYS_DOWN:
                    tail = supervisor.log_tail()
                    raise ProgramError(f"{name} has stopped and asks to stay down:\n{tail}")
                case None:
                    pass

    def stop(self) -> None:
        """Stop every program, the last one first."""
        while self._running:
            supervisor, grace_s = self._running.pop()
            with self._screen.step(f"Stopping {supervisor.program.name}"):
                supervisor.stop(grace_s)

    def _program(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> Program:
        return Program(
            name,
            ["-m", "faust", "-A", "conscope_app", *arguments],
            self.folder / name,
            {**self._environment, **environment},
        )


def _start_once(program: Program) -> Child:
    return Child.start(
        program.command,
        log=program.log,
        cwd=Path.cwd(),
        environment=program.environment,
    )


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"by signal {-code}"
    return f"with exit code {code}"
