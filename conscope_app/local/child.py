"""A process that we started: in a session of its own, logged to a file, and gone when we are."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from conscope_app.local.account import Account

_TAIL_LINES = 40
_MAX_LOG_BYTES = 16 * 1024 * 1024


class Child:
    """One running process.

    Its own session keeps Ctrl-C in the terminal away from it, so that whoever started it can stop
    things in order. Should the starter be killed without a chance to stop anything, a small
    companion process notices and asks the child to end.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: Path, log_start: int) -> None:
        self._process = process
        self._log = log
        self._log_start = log_start
        self._lifeline: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(
        cls,
        command: Sequence[str],
        *,
        log: Path,
        cwd: Path,
        environment: Mapping[str, str],
        account: Account | None = None,
        end_signal: signal.Signals = signal.SIGTERM,
    ) -> Self:
        """Start the command; what it prints is appended to the log."""
        if log.exists() and log.stat().st_size > _MAX_LOG_BYTES:
            log.replace(log.with_name(f"{log.name}.1"))
        with log.open("ab") as output:
            log_start = output.tell()
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=dict(environment),
                start_new_session=True,
                **(account.process_options() if account else {}),
            )
        child = cls(process, log, log_start)
        child._hold_lifeline(end_signal)
        return child

    @property
    def pid(self) -> int:
        """The process id, also after its end."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; below zero where a signal ended it."""
        code = self._process.poll()
        if code is not None:
            self._drop_lifeline()
        return code

    def log_tail(self) -> str:
        """The last lines that it printed in this run."""
        with self._log.open("rb") as printed:
            printed.seek(0, os.SEEK_END)
            printed.seek(max(self._log_start, printed.tell() - 256 * 1024))
            lines = printed.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-_TAIL_LINES:])

    def stop(self, sent: signal.Signals = signal.SIGTERM, grace_s: float = 30) -> None:
        """Ask it to end, wait, and after the grace time end it and all that it started."""
        if self.exit_code is None:
            self._process.send_signal(sent)
            try:
                self._process.wait(grace_s)
            except subprocess.TimeoutExpired:
                self.kill()
        self._drop_lifeline()

    def kill(self) -> None:
        """End it at once with SIGKILL, and all that it started in its process group."""
        if self.exit_code is None:
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        self._drop_lifeline()

    def wait(self, timeout_s: float) -> int | None:
        """The exit code as soon as there is one; None when the time has passed without."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None
        return self.exit_code

    def _hold_lifeline(self, end_signal: signal.Signals) -> None:
        # Only we hold the other end of its standard input: however we die, it reads the end of it.
        name = end_signal.name.removeprefix("SIG")
        script = 'read -r _; kill -s "$1" "$2" 2>/dev/null'
        self._lifeline = subprocess.Popen(
            ["/bin/sh", "-c", script, "conscope-lifeline", name, str(self.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )

    def _drop_lifeline(self) -> None:
        if self._lifeline is None:
            return
        self._lifeline.kill()
        self._lifeline.communicate()
        self._lifeline = None
