"""What processes use, as the benchmark counts it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.usage import PeakMemory, Usage, usage_of

_WAITS = "input()"
_BURNS = """
import time
while time.process_time() < 0.5: pass
print("burnt", flush=True)
input()
"""
_HOLDS = """
held = bytearray(64 << 20)
print("held", flush=True)
input()
"""
_HAS_A_CHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE)
input()
child.communicate(b"\\n")
"""


@contextmanager
def running(*command: str, says: str | None = None) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-c", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        if says is not None:
            assert process.stdout.readline().strip() == says
        yield process.pid
    finally:
        process.communicate("\n", timeout=30)


def test_processor_time_is_counted() -> None:
    with running(_BURNS, says="burnt") as pid:
        assert 0.45 < usage_of(pid).cpu_s < 5


def test_memory_that_is_held_is_counted() -> None:
    with running(_HOLDS, says="held") as pid:
        assert usage_of(pid).memory_mb > 64


@pytest.mark.parametrize(("code", "says"), [(_BURNS, "burnt"), (_HOLDS, "held")])
def test_children_count_too(code: str, says: str) -> None:
    """A contestant may be a process that starts others."""
    with running(_HAS_A_CHILD, code, says=says) as pid:
        usage = usage_of(pid)
    assert usage.cpu_s > 0.45 if says == "burnt" else usage.memory_mb > 64


def test_a_process_that_is_gone_uses_nothing() -> None:
    with running(_WAITS) as pid:
        pass
    assert usage_of(pid) == Usage(0, 0)


def test_the_peak_is_the_most_that_was_held_at_once() -> None:
    held = iter([Usage(0, 10), Usage(0, 30), Usage(0, 20)])
    last = Usage(0, 0)
    with PeakMemory([1], look=lambda _pid: next(held, last)) as memory:
        until = time.monotonic() + 10
        while memory.peak_mb < 30 and time.monotonic() < until:
            time.sleep(0.01)
    assert memory.peak_mb == 30
