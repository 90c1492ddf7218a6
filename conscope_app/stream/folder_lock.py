"""A folder that one running process at a time may use."""

import fcntl
import os
from pathlib import Path


class FolderInUseError(Exception):
    """Another running process holds the folder."""


class FolderLock:
    """Held through a file in the folder; the system lets go of it however the holder ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None

    def hold(self) -> None:
        """Take the lock, or refuse at once where another process has it."""
        if self._descriptor is not None:
            return
        descriptor = self._open()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise FolderInUseError(f"{self._folder} is in use by another run") from error
        self._descriptor = descriptor

    def await_turn(self) -> None:
        """Take the lock, waiting for whoever has it."""
        if self._descriptor is None:
            self._descriptor = self._open()
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def release(self) -> None:
        """Let go of it, if it is held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        return os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
