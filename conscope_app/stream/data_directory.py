"""A worker's data directory: its own while it lives, under a name that outlives the process."""

import secrets
import socket
from pathlib import Path

from conscope_app.stream.folder_lock import FolderLock

# Differs between machines, and on one machine between two starts of it.
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class DataDirectory:
    """The folder of one worker's tables."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FolderLock(folder)

    def hold(self) -> str:
        """Make the folder with its parents, take it until this process ends; returns its name.

        Every process that holds the folder after another is given the same name: it knows by it
        what its predecessor left behind, which is surely dead. A copy of the folder has a name of
        its own, and so has the folder on another machine, or when this one has been started anew:
        there the lock says nothing about a predecessor.

        Raises `FolderInUseError` where another process has it, living or stopped, and OSError where
        it cannot be made or written.
        """
        self._lock.hold()
        return self._kept_name() or self._new_name()

    def _kept_name(self) -> str | None:
        try:
            name, _, named_at = self._name_file.read_text(errors="replace").partition("\n")
        except FileNotFoundError:
            return None
        return name if name and named_at == self._place() else None

    def _new_name(self) -> str:
        name = f"{socket.gethostname()}-{secrets.token_hex(8)}"
        written = self._name_file.with_suffix(".new")
        written.write_text(f"{name}\n{self._place()}")
        written.replace(self._name_file)
        return name

    @property
    def _name_file(self) -> Path:
        return self._folder / "holder"

    def _place(self) -> str:
        """What a copy has otherwise: nobody can choose when the lock's file last changed."""
        lock = (self._folder / "lock").stat()
        boot = _BOOT.read_text().strip() if _BOOT.exists() else socket.gethostname()
        return f"{boot} {lock.st_ino} {lock.st_ctime_ns}"
