"""What a server notes about itself, so that the next start finds its ports and what was left."""

import json
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from conscope_app.core.clock import monotonic_s


@dataclass(frozen=True)
class ServerRecord:
    """The ports that a server last had, and the process that served them."""

    ports: tuple[int, ...] = ()
    pid: int = 0

    @classmethod
    def read(cls, path: Path) -> "ServerRecord":
        """The record in the file; an empty one where there is none, or none that can be read."""
        try:
            found = json.loads(path.read_text())
            return cls(tuple(int(port) for port in found["ports"]), int(found["pid"]))
        except (OSError, ValueError, TypeError, KeyError):
            return cls()

    def write(self, path: Path) -> None:
        """Replace the file in one step."""
        part = path.with_name(f"{path.name}.part")
        part.write_text(json.dumps(asdict(self)))
        part.replace(path)


def arguments_of(pid: int) -> list[str]:
    """The command line of a running process; empty where there is no such process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        if Path("/proc/self").exists():
            return []
    # Without /proc (macOS); a path with blanks comes in pieces there, and is then not recognised.
    done = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.split()


def stop_leftover(pid: int, argument: str, sent: signal.Signals, grace_s: float = 30) -> bool:
    """End a process that an earlier run left behind; False where there is none.

    Only a process whose command line holds the argument (a path that is ours) is touched: the
    number may long belong to somebody else.
    """
    if pid <= 0 or argument not in arguments_of(pid):
        return False
    _send(pid, sent)
    given_up_at = monotonic_s() + grace_s
    while argument in arguments_of(pid):
        if monotonic_s() > given_up_at:
            _send(pid, signal.SIGKILL)
        time.sleep(0.05)
    return True


def _send(pid: int, sent: signal.Signals) -> None:
    try:
        os.kill(pid, sent)
    except ProcessLookupError:
        return  # it ended by itself in between
