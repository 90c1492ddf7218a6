"""Rows of JSON: one object a line, or one array of objects; read as they come, not as a whole."""

import json
from collections.abc import Iterator
from typing import TextIO

from conscope_app.core.refusal import Reason
from conscope_app.sources.files.cells import (
    UNREADABLE,
    JsonNumber,
    Row,
    UnreadableRow,
    flatten,
)
from conscope_app.sources.files.errors import UnusableFileError
from conscope_app.sources.files.opening import MAX_LINE, bounded_lines

_SHOWN = 200
_CHUNK = 64 * 1024

# Numbers stay text until somebody knows that they are amounts: a float would change them.
_decoder = json.JSONDecoder(parse_float=JsonNumber, parse_int=JsonNumber, parse_constant=JsonNumber)


def json_line_rows(text: TextIO) -> Iterator[Row | UnreadableRow]:
    """One row a line; blank lines do not count as rows."""
    too_long: list[int] = []
    for number, line in enumerate(bounded_lines(text, too_long), start=1):
        if too_long:
            too_long.clear()
            yield UnreadableRow(number, "", Reason.TOO_LONG, "the line is too long")
        elif line.strip():
            yield _line_row(number, line.strip())


def json_array_rows(text: TextIO) -> Iterator[Row | UnreadableRow]:
    """One row an element of the array that the file is."""
    buffer = _Buffer(text)
    buffer.expect("[")
    number = 0
    while buffer.peek() != "]":
        if number:
            buffer.expect(",")
        number += 1
        yield _row(number, buffer.next_value(number), "")
    buffer.expect("]")
    if buffer.peek():
        raise UnusableFileError("something follows the JSON array that the file begins with")


def _line_row(number: int, line: str) -> Row | UnreadableRow:
    try:
        value = _decoder.decode(line)
    except (ValueError, RecursionError) as error:
        return UnreadableRow(
            number, line[:_SHOWN], Reason.NOT_JSON, f"the line is no JSON: {error}"
        )
    return _row(number, value, line)


def _row(number: int, value: object, text: str) -> Row | UnreadableRow:
    if not isinstance(value, dict):
        return UnreadableRow(number, text[:_SHOWN], Reason.WRONG_TYPE, "the row is no JSON object")
    try:
        return Row(number, dict(flatten(value)))
    except RecursionError:
        return UnreadableRow(number, text[:_SHOWN], UNREADABLE, "the row is nested too deeply")


class _Buffer:
    """A window on the text, wide enough for the value that is being read."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._held = ""
        self._at = 0
        self._is_over = False

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            while self._at < len(self._held):
                character = self._held[self._at]
                if character not in " \t\r\n\ufeff":
                    return character
                self._at += 1
            if not self._read_more():
                return ""

    def expect(self, character: str) -> None:
        """Step over the character, which must be the next."""
        found = self.peek()
        if found != character:
            seen = repr(found) if found else "the end of the file"
            raise UnusableFileError(
                f"the file is no JSON array: {seen} where {character!r} belongs"
            )
        self._at += 1

    def next_value(self, number: int) -> object:
        """The next value; reads on while it is not whole."""
        self.peek()
        while True:
            try:
                value, self._at = _decoder.raw_decode(self._held, self._at)
            except (ValueError, RecursionError) as error:
                if len(self._held) - self._at > MAX_LINE or not self._read_more():
                    raise UnusableFileError(
                        f"element {number} of the JSON array is no JSON: {error}"
                    ) from error
            else:
                return value

    def _read_more(self) -> bool:
        if not self._is_over:
            chunk = self._text.read(_CHUNK)
            self._is_over = not chunk
            self._held = self._held[self._at :] + chunk
            self._at = 0
        return not self._is_over
