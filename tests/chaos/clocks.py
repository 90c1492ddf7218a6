"""Clocks that can be moved while a process goes by them: see `movable_clock.c`."""

import os
import shutil
import struct
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).with_name("movable_clock.c")
_COMPILER = "cc"


def why_no_clocks() -> str | None:
    """Why no clock can be moved here; None where it can."""
    if shutil.which(_COMPILER) is None:
        return f"clocks are moved by a small C library, and there is no {_COMPILER}"
    return None


class MovableClock:
    """The time of day of whoever is started with its `environment`."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = folder / f"{name}.clock"
        self._library = folder / "movable_clock.so"
        self._file.write_bytes(struct.pack("=q", 0))
        if not self._library.exists():
            command = [_COMPILER, "-O2", "-shared", "-fPIC", "-o"]
            subprocess.run([*command, str(self._library), str(_SOURCE)], check=True)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to go by it."""
        return {"LD_PRELOAD": str(self._library), "CHAOS_CLOCK": str(self._file)}

    def move_to(self, ahead_s: int) -> None:
        """Show so many seconds more than the true time, from now on."""
        file = os.open(self._file, os.O_WRONLY)
        try:
            os.pwrite(file, struct.pack("=q", ahead_s), 0)
        finally:
            os.close(file)
