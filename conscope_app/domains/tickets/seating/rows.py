"""Rows in one spelling, and in the order in which they stand."""

from functools import lru_cache

from conscope_app.domains.tickets.seating.venue_habits import habits_of
from conscope_app.domains.tickets.seating.words import MOST_LETTERS, as_it_is, joined, words_of

# Class, number in front, how many letters, the letters or words, number behind, and as written.
Order = tuple[int, int, int, str, int, str]

_LETTERS, _NUMBERS, _MIXED, _WORDS, _UNNUMBERED = range(5)
_DOUBLED, _SINGLE = 0, 1
_MOST_LETTERS_A_ROW = 3  # `AAA` is a row; longer ones are words
_ROW = frozenset(("row", "rows", "rw", "reihe", "fila"))
_GENERAL = frozenset(("ga", "general admission", "general", "gen adm", "g a"))
_NOT_KNOWN = frozenset(("", "*", "?", "n a", "na", "none", "null", "unknown", "tbd", "tba"))
_DIGITS_OF_A_ROW = 9


@lru_cache(maxsize=8_192)
def row_of(text: str) -> str:
    """A row in one spelling: `Row 12`, `R12` and `012` are `12`; empty where none is known."""
    if len(text) > MOST_LETTERS:
        return as_it_is(text)
    words = words_of(text)
    if (len(words) > 1 and words[0] in _ROW) or (
        len(words) == 2 and words[0] == "r" and words[1].isdigit()
    ):
        words = words[1:]
    said = " ".join(words)
    if said in _GENERAL:
        return "ga"
    if said in _NOT_KNOWN:
        return "" if words or not text.strip(" -–—") else as_it_is(text)
    return " ".join(joined(words))


@lru_cache(maxsize=8_192)
def row_order(text: str, venue: str = "") -> Order:
    """Sorts rows: A … Z, AA … ZZ, then numbers, then `12A` and words, and what has none last.

    The order is total: rows that are spelled in two ways stand beside each other, in one order.
    """
    row = row_of(text)
    if row in ("", "ga"):
        return _UNNUMBERED, 0, 0, row, 0, text
    if row.isalpha() and row.isascii() and len(row) <= _MOST_LETTERS_A_ROW:
        doubled = len(row) > 1 and habits_of(venue).doubled_in_front
        return _LETTERS, _DOUBLED if doubled else _SINGLE, len(row), row, 0, text
    digits = row[: _leading_digits(row)]
    if digits == row:
        return _NUMBERS, int(row), 0, "", 0, text
    if digits:
        return _MIXED, int(digits), 0, row[len(digits) :], 0, text
    letters = len(row.rstrip("0123456789"))
    behind = row[letters:]
    if behind and len(behind) <= _DIGITS_OF_A_ROW:
        return _WORDS, 0, 0, row[:letters].strip(), int(behind), text
    return _WORDS, 0, 0, row, 0, text


def _leading_digits(row: str) -> int:
    count = 0
    while count < min(len(row), _DIGITS_OF_A_ROW) and row[count] in "0123456789":
        count += 1
    return count
