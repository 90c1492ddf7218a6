"""Recordings: what sources answered, hour by hour, as JSON Lines in gzip.

A folder holds files like `seatgeek-20261123T04-0001.jsonl.gz`: the source, the hour (UTC) in which
the file begins, and a number. `zcat` shows them, `read_recording` reads them.
"""

import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Protocol, runtime_checkable

from conscope_app.sources.adapter import Answer, Request
from conscope_app.sources.exchange import QUERY_NAMES, Exchange, Secrets, to_line
from conscope_app.sources.recordings_folder import Bounds, RecordingsFolder

_GZIP = 16 + zlib.MAX_WBITS


@runtime_checkable
class NamesQuery(Protocol):
    """An adapter that says which parameters its requests have beside the key."""

    query_names: frozenset[str]


@dataclass(slots=True)
class _Open:
    """A file that is being written."""

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

    A new file begins with each hour and where one has become too large; where the folder would, of
    all who record in it, the oldest files go that nobody writes to. The calls wait for the disk:
    call them off the event loop.
    """

    def __init__(
        self,
        folder: Path,
        *,
        keys: Collection[str],
        query_names: Collection[str] = (),
        bounds: Bounds = Bounds(),  # noqa: B008 it cannot be changed
    ) -> None:
        self._folder = RecordingsFolder(folder, bounds)
        self._secrets = Secrets(keys)
        self._query_names = QUERY_NAMES | frozenset(query_names)
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
        if file is not None and (file.hour != hour or file.size >= self._folder.bounds.file_bytes):
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
        raw = self._folder.begin(source, hour)
        return _Open(hour, raw, zlib.compressobj(6, zlib.DEFLATED, _GZIP))
