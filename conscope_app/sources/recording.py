"""Recordings: what sources answered, hour by hour, as JSON Lines in gzip.

A folder holds files like `seatgeek-20261123T04-0001.jsonl.gz`: the source, the hour (UTC) in which
the file begins, and a number. `zcat` shows them, `read_recording` reads them.
"""

import os
import re
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO, NamedTuple, Protocol, runtime_checkable

from conscope_app.sources.adapter import Answer, Request
from conscope_app.sources.exchange import QUERY_NAMES, Exchange, Secrets, to_line

_SUFFIX = ".jsonl.gz"
_NAME = re.compile(r"(?P<source>.+)-(?P<hour>[0-9]{8}T[0-9]{2})-(?P<number>[0-9]{4,})\.jsonl\.gz")
_GZIP = 16 + zlib.MAX_WBITS


@runtime_checkable
class NamesQuery(Protocol):
    """An adapter that says which parameters its requests have beside the key."""

    query_names: frozenset[str]


class Bounds(NamedTuple):
    """How large one file may become, and all of the folder, in bytes."""

    file_bytes: int = 64 * 1024 * 1024
    folder_bytes: int = 4 * 1024 * 1024 * 1024


@dataclass(slots=True)
class _Open:
    """A file that is being written."""

    path: Path
    hour: str
    raw: BinaryIO
    packer: "zlib._Compress"
    size: int = 0

    def write(self, line: bytes) -> None:
        """On return the line is with the operating system, whole."""
        packed = self.packer.compress(line) + self.packer.flush(zlib.Z_SYNC_FLUSH)
        self.raw.write(packed)
        self.raw.flush()
        self.size += len(packed)

    def close(self) -> None:
        try:
            self.raw.write(self.packer.flush())
        finally:
            self.raw.close()


class Recorder:
    """Appends exchanges to the files of a folder; for one process, and any of its threads.

    Guarantee: after `record` has returned, the exchange survives the end of this process, however
    it ends; a file that was not closed is readable up to its last whole line. No file is written by
    two processes: each begins files of its own. Neither keys of `keys` nor parameters and headers
    that are not known by name reach the disk.

    A new file begins with each hour and where one has become too large; where the folder has, the
    oldest files go. The calls wait for the disk: call them off the event loop.
    """

    def __init__(
        self,
        folder: Path,
        *,
        keys: Collection[str],
        query_names: Collection[str] = (),
        bounds: Bounds = Bounds(),  # noqa: B008 it cannot be changed
    ) -> None:
        self._folder = folder
        self._secrets = Secrets(keys)
        self._query_names = QUERY_NAMES | frozenset(query_names)
        self._bounds = bounds
        self._open: dict[str, _Open] = {}
        self._lock = Lock()

    def record(self, source: str, request: Request, answer: Answer) -> None:
        """Append an exchange; `request` is the one without the key. Raises OSError.

        After an error the next exchange begins a new file.
        """
        line = to_line(Exchange(source, request, answer), self._secrets, self._query_names)
        with self._lock:
            self._append(source, f"{answer.received_at:%Y%m%dT%H}", line)

    def close(self) -> None:
        """End every file. Raises OSError."""
        with self._lock:
            for source in list(self._open):
                self._end(source)

    def _append(self, source: str, hour: str, line: bytes) -> None:
        file = self._open.get(source)
        if file is not None and (file.hour != hour or file.size >= self._bounds.file_bytes):
            self._end(source)
            file = None
        if file is None:
            file = self._open[source] = self._begin(source, hour)
        try:
            file.write(line)
        except OSError:
            self._abandon(source)
            raise

    def _abandon(self, source: str) -> None:
        """Let go of a file that cannot be written; what is half written stays its end."""
        try:
            self._open.pop(source).raw.close()
        except OSError:
            pass  # closing writes what is left, and fails as the writing has: that one is raised

    def _end(self, source: str) -> None:
        self._open.pop(source).close()

    def _begin(self, source: str, hour: str) -> _Open:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._make_room()
        name = f"{_plain(source)}-{hour}"
        number = _next_number(self._folder, name)
        while True:
            path = self._folder / f"{name}-{number:04}{_SUFFIX}"
            try:
                # For the one who records: answers may be under terms of their own.
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                number += 1
                continue
            return _Open(
                path, hour, os.fdopen(descriptor, "wb"), zlib.compressobj(6, zlib.DEFLATED, _GZIP)
            )

    def _make_room(self) -> None:
        """Delete the oldest files until one more has its place."""
        writing = {file.path for file in self._open.values()}
        found = sorted(_sized(self._folder))
        size = sum(each.size for each in found)
        for each in found:
            if size + self._bounds.file_bytes <= self._bounds.folder_bytes:
                return
            if each.path not in writing:
                size -= each.size
                each.path.unlink(missing_ok=True)


class _Sized(NamedTuple):
    """A file of recordings, the oldest first."""

    changed_ns: int
    path: Path
    size: int


def _sized(folder: Path) -> Iterator[_Sized]:
    for path in folder.iterdir():
        if _NAME.fullmatch(path.name) is None:
            continue
        try:
            status = path.stat()
        except FileNotFoundError:
            continue  # another process has made room meanwhile
        yield _Sized(status.st_mtime_ns, path, status.st_size)


def _next_number(folder: Path, name: str) -> int:
    """One more than the last one, so that files are in order though the first were deleted."""
    numbers = [
        path.name[len(name) + 1 : -len(_SUFFIX)] for path in folder.glob(f"{name}-*{_SUFFIX}")
    ]
    return max((int(number) for number in numbers if number.isdecimal()), default=0) + 1


def _plain(source: str) -> str:
    """The source's name as a file may have it."""
    return re.sub(r"[^a-z0-9._-]", "_", source.lower()).lstrip(".") or "_"
