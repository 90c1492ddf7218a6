"""What processes use of the machine, as Linux counts it in /proc."""

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, Self

_PROC = Path("/proc")
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_SAMPLE_EVERY_S = 0.2


class Usage(NamedTuple):
    """Processor time since the process began, in seconds, and memory that is resident now."""

    cpu_s: float
    memory_mb: float


def usage_of(pid: int) -> Usage:
    """A process together with its children, and theirs; zero for one that is gone."""
    cpu_s, memory_mb = 0.0, 0.0
    for each in _family(pid):
        try:
            fields = (_PROC / str(each) / "stat").read_text().rpartition(")")[2].split()
            status = (_PROC / str(each) / "status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        # The 14th to 17th field of proc_pid_stat(5): own time and that of children waited for.
        cpu_s += sum(map(int, fields[11:15])) / _TICKS_A_SECOND
        memory_mb += _resident_kb(status) / 1024
    return Usage(cpu_s, memory_mb)


def _family(pid: int) -> list[int]:
    family = [pid]
    for each in family:
        try:
            for thread in (_PROC / str(each) / "task").iterdir():
                family += map(int, (thread / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return family


def _resident_kb(status: str) -> int:
    # Without pages of files that are only mapped: those are the page cache's, which all share.
    return sum(
        int(line.split()[1])
        for line in status.splitlines()
        if line.startswith(("RssAnon:", "RssShmem:"))
    )


class PeakMemory:
    """Watches processes from a thread of its own, and keeps the most that they held together."""

    def __init__(self, pids: Iterable[int], look: Callable[[int], Usage] = usage_of) -> None:
        self.peak_mb = 0.0
        self._pids = list(pids)
        self._look = look
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="peak-memory")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_SAMPLE_EVERY_S):
            held_mb = sum(self._look(pid).memory_mb for pid in self._pids)
            self.peak_mb = max(self.peak_mb, held_mb)
