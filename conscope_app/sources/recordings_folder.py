"""The folder of recordings: which files are begun in it, and which go to make room for them."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

_SUFFIX = ".jsonl.gz"
_NAME = re.compile(r"(?P<source>.+)-(?P<hour>[0-9]{8}T[0-9]{2})-(?P<number>[0-9]{4,})\.jsonl\.gz")


class Bounds(NamedTuple):
    """How large one file may become, and all of the folder, in bytes.

    The exchange with which a file reaches its bound is the last one in it.
    """

    file_bytes: int = 64 * 1024 * 1024
    folder_bytes: int = 4 * 1024 * 1024 * 1024


class RecordingsFolder:
    """Begins files in a folder that other processes may begin files in as well.

    All of them together keep to the bounds of the folder, if theirs are the same: one begins a file
    at a time, and a file that is being written has its whole place set aside, and stays. That it is
    being written is known by its lock (`flock`), which the system ends with its writer. There is
    more than the bound only where it has no room for a file of everybody who writes.
    """

    def __init__(self, path: Path, bounds: Bounds) -> None:
        self.path = path
        self.bounds = bounds

    def begin(self, source: str, hour: str) -> BinaryIO:
        """A new file of a source's hour, open for writing, after the oldest ones have gone.

        It counts as being written until it is closed. Raises OSError.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        name = f"{_plain(source)}-{hour}"
        with _alone_in(self.path):
            self._make_room()
            number = _next_number(self.path, name)
            # For the one who records: answers may be under terms of their own.
            descriptor = os.open(
                self.path / f"{name}-{number:04}{_SUFFIX}",
                os.O_WRONLY | os.O_CREAT | os.O_EXCL,
                0o600,
            )
            file = os.fdopen(descriptor, "wb")
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            except OSError:
                file.close()
                raise
            return file

    def _make_room(self) -> None:
        """Delete the oldest files until one more has its place."""
        most = self.bounds.file_bytes
        found = sorted(_sized(self.path))
        size = sum(max(each.size, most) if each.is_written else each.size for each in found)
        for each in found:
            if size + most <= self.bounds.folder_bytes:
                return
            if not each.is_written:
                size -= each.size
                each.path.unlink(missing_ok=True)


class _Sized(NamedTuple):
    """A file of recordings, the oldest first."""

    changed_ns: int
    path: Path
    size: int
    is_written: bool


def _sized(folder: Path) -> Iterator[_Sized]:
    for path in folder.iterdir():
        if _NAME.fullmatch(path.name) is None:
            continue
        try:
            status = path.stat()
            is_written = _is_written(path)
        except FileNotFoundError:
            continue  # somebody has deleted it meanwhile
        yield _Sized(status.st_mtime_ns, path, status.st_size, is_written)


def _is_written(path: Path) -> bool:
    """Whether somebody writes to it, for all that we can know: this process or another."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:
        return True  # that of another user
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Nobody else begins a file in the folder; waits for whoever does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _next_number(folder: Path, name: str) -> int:
    """One more than the last one, so that files are in order though the first were deleted."""
    numbers = [
        path.name[len(name) + 1 : -len(_SUFFIX)] for path in folder.glob(f"{name}-*{_SUFFIX}")
    ]
    return max((int(number) for number in numbers if number.isdecimal()), default=0) + 1


def _plain(source: str) -> str:
    """The source's name as a file may have it."""
    return re.sub(r"[^a-z0-9._-]", "_", source.lower()).lstrip(".") or "_"
