"""Opening a file as text: gzip or not, in the encoding that its first bytes say."""

import codecs
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TextIO

from conscope_app.sources.files.errors import UnusableFileError

SAMPLE_BYTES = 64 * 1024
# A price record of 100 KB is no price record; a line without an end must not fill the memory.
MAX_LINE = 256 * 1024

_GZIP_MAGIC = b"\x1f\x8b"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KNOWN_BINARIES = {
    b"PK\x03\x04": "a zip archive or a workbook: save it as CSV first",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save it as CSV first",
    b"PAR1": "a Parquet file within gzip: unpack it first",
    b"%PDF": "a PDF",
}
_BINARY_SHARE = 0.01  # of bytes that no text holds, beyond which it is no text
_STRAY_BYTES = 16  # so many may stand in a short text all the same


@dataclass(slots=True)
class TextFile:
    """A file that can be read as text from the start, as often as needed."""

    path: Path
    encoding: str
    is_gzip: bool
    size: int
    sample: str = field(repr=False)
    _raw: BinaryIO | None = field(default=None, repr=False)

    @property
    def position(self) -> int:
        """How many bytes of the file have been read, for a progress bar."""
        return self._raw.tell() if self._raw is not None and not self._raw.closed else self.size

    @contextmanager
    def open(self) -> Iterator[TextIO]:
        """The text from the start, line ends as they are; decoding errors name the file."""
        with self.path.open("rb") as raw:
            self._raw = raw
            content = gzip.GzipFile(fileobj=raw) if self.is_gzip else raw
            try:
                with io.TextIOWrapper(content, encoding=self.encoding, newline="") as text:
                    yield text
            except UnicodeDecodeError as error:
                raise UnusableFileError(_not_in(self.encoding, self.path, error)) from error
            except (EOFError, OSError) as error:
                raise UnusableFileError(
                    f"{self.path} cannot be read to its end: {error}"
                ) from error


def open_text(path: Path, encoding: str | None = None) -> TextFile:
    """The file, once its first bytes show that it is text; raises `UnusableFileError`."""
    try:
        size = path.stat().st_size
        start = _first_bytes(path, is_gzip=False)
        is_gzip = start.startswith(_GZIP_MAGIC)
        if is_gzip:
            start = _first_bytes(path, is_gzip=True)
    except (EOFError, OSError) as error:
        raise UnusableFileError(f"{path} cannot be read: {error}") from error
    if not start.strip():
        raise UnusableFileError(f"{path} is empty")
    chosen = encoding or _encoding_of(path, start)
    return TextFile(path, chosen, is_gzip, size, sample=_decode_start(path, start, chosen))


def bounded_lines(text: TextIO, too_long: list[int]) -> Iterator[str]:
    """Lines with their ends; one over `MAX_LINE` comes as empty, and its number in `too_long`."""
    number = 0
    while line := text.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE and not line.endswith(("\n", "\r")):
            while (rest := text.readline(MAX_LINE)) and not rest.endswith(("\n", "\r")):
                pass  # skip to the end of the line, holding no more than one piece of it
            too_long.append(number)
            line = "\n"
        yield line


def _first_bytes(path: Path, *, is_gzip: bool) -> bytes:
    with path.open("rb") as raw:
        if not is_gzip:
            return raw.read(SAMPLE_BYTES)
        with gzip.GzipFile(fileobj=raw) as content:
            return content.read(SAMPLE_BYTES)


def _encoding_of(path: Path, start: bytes) -> str:
    for magic, what in _KNOWN_BINARIES.items():
        if start.startswith(magic):
            raise UnusableFileError(f"{path} is {what}")
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            return encoding
    odd = sum(start.count(byte) for byte in range(32) if byte not in b"\t\n\r\f")
    if odd > max(_STRAY_BYTES, len(start) * _BINARY_SHARE):
        raise UnusableFileError(f"{path} is no text: it holds bytes that no CSV or JSON has")
    return "utf-8"


def _decode_start(path: Path, start: bytes, encoding: str) -> str:
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
        return decoder.decode(start)
    except LookupError:
        raise UnusableFileError(f"there is no encoding {encoding!r}") from None
    except UnicodeDecodeError as error:
        raise UnusableFileError(_not_in(encoding, path, error)) from error


def _not_in(encoding: str, path: Path, error: UnicodeDecodeError) -> str:
    return (
        f"{path} is not in {encoding} ({error.reason}): "
        "say which it is with --encoding, for instance --encoding cp1252"
    )
