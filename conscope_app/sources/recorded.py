"""Reading recordings: every exchange of a file, and of many files in the order of their time."""

import heapq
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from conscope_app.sources.exchange import Exchange, Unreadable, from_line

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS
_CHUNK = 256 * 1024
# The largest answer that anybody takes (16 MiB), each byte of it escaped, and what is around it.
_LONGEST_LINE = 100 * 1024 * 1024
_TOO_LONG = "the line is too long"


class Garbled(NamedTuple):
    """A line that cannot be read: in which file, which one, and why."""

    path: Path
    number: int
    why: str

    def __str__(self) -> str:
        return f"{self.path.name}, line {self.number}: {self.why}"


def read_recording(path: Path) -> Iterator[Exchange | Garbled]:
    """Every exchange of a file, in its order; a line that cannot be read comes as such.

    The file may break off anywhere. It may be unpacked. Raises OSError.
    """
    number = 0
    with path.open("rb") as raw:
        try:
            for line in _lines(_unpacked(raw)):
                number += 1
                if isinstance(line, str):
                    yield Garbled(path, number, line)
                elif line.strip():
                    yield _read(path, number, line)
        except zlib.error as error:
            why = f"the file is damaged from here on, and what follows is lost: {error}"
            yield Garbled(path, number + 1, why)


def read_recordings(paths: Sequence[Path]) -> Iterator[Exchange | Garbled]:
    """All exchanges of several files by the time at which they came; of each file in its order.

    Only files whose time has come are open. Raises OSError.
    """
    begins = {path: _first_at(path) for path in paths}
    waiting: list[_Begun] = []
    for path in sorted(paths, key=lambda path: path.name, reverse=True):
        at = begins[path]
        if at is None:
            yield from read_recording(path)
        else:
            waiting.append(_Begun(at, path.name, len(waiting), read_recording(path)))
    waiting.sort(reverse=True)
    running: list[_Begun] = []
    while running or waiting:
        while waiting and (not running or waiting[-1].at <= running[0].at):
            yield from _go_on(running, waiting.pop())
        if running:
            file = heapq.heappop(running)
            assert file.exchange is not None
            yield file.exchange
            yield from _go_on(running, file)


class _Begun(NamedTuple):
    """A file that is being read, by the time of what comes next, and then by its name."""

    at: datetime
    name: str
    place: int  # no two files have the same, so that nothing after it is compared
    rest: Iterator[Exchange | Garbled]
    exchange: Exchange | None = None


def _go_on(running: list[_Begun], file: _Begun) -> Iterator[Garbled]:
    """Put a file where its next exchange belongs; what stands garbled before that comes now."""
    for each in file.rest:
        if isinstance(each, Exchange):
            # A clock that was set back does not turn the order of a file round.
            at = max(file.at, each.answer.received_at)
            heapq.heappush(running, file._replace(at=at, exchange=each))
            return
        yield each


def _first_at(path: Path) -> datetime | None:
    for each in read_recording(path):
        if isinstance(each, Exchange):
            return each.answer.received_at
    return None


def _read(path: Path, number: int, line: bytes) -> Exchange | Garbled:
    try:
        return from_line(line)
    except Unreadable as error:
        return Garbled(path, number, str(error))


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes | str]:
    """The lines, the last one also without its end; for one that is too long, what is to say."""
    held = bytearray()
    is_skipping = False
    for chunk in chunks:
        begin = 0
        while (end := chunk.find(b"\n", begin)) >= 0:
            held += chunk[begin:end]
            yield _TOO_LONG if is_skipping else bytes(held)
            held.clear()
            is_skipping = False
            begin = end + 1
        held += chunk[begin:]
        if len(held) > _LONGEST_LINE:
            is_skipping = True
        if is_skipping:
            held.clear()
    if held or is_skipping:
        yield _TOO_LONG if is_skipping else bytes(held)


def _unpacked(raw: BinaryIO) -> Iterator[bytes]:
    """The bytes of the file in pieces of bounded size, whether or not they are packed."""
    start = raw.read(_CHUNK)
    if not start.startswith(_GZIP_MAGIC):
        while start:
            yield start
            start = raw.read(_CHUNK)
        return
    unpacker = zlib.decompressobj(_GZIP)
    while start:
        yield unpacker.decompress(start, _CHUNK)
        start = unpacker.unconsumed_tail or (b"" if unpacker.eof else raw.read(_CHUNK))
        if unpacker.eof:
            # `cat` of several files is one with several members.
            start = unpacker.unused_data or raw.read(_CHUNK)
            unpacker = zlib.decompressobj(_GZIP)
    yield unpacker.flush()
