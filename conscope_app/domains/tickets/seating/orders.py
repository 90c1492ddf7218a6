"""The order of sections and rows, and the same as texts: for what sorts texts, as a database does.

A text's place is before another's if its characters are, by their code points: the order of `str`,
and of the collation "C" in Postgres.
"""

import re
from collections.abc import Iterable

from conscope_app.domains.tickets.seating.rows import row_order
from conscope_app.domains.tickets.seating.sections import section_of

_NUMBER = re.compile(r"(\d+)", re.ASCII)

# No name holds a NUL, so that nothing sorts before the end of a text; what a name has of the sign
# itself is marked.
_SIGN, _MARK = "\x01", "\x02"
_END = _SIGN * 2


def natural(name: str) -> list[tuple[int, int, str]]:
    """Names in the order that people count in: `Row 9` before `Row 10`."""
    return [
        (0, int(part), part) if _NUMBER.fullmatch(part) else (1, 0, part.casefold())
        for part in _NUMBER.split(name)
        if part
    ]


def section_order(text: str, venue: str = "") -> list[tuple[int, int, str]]:
    """Sorts sections; those that are one, however they are spelled, have one place."""
    return natural(str(section_of(text, venue)))


def place_of_section(text: str, venue: str = "") -> str:
    """`section_order` as a text. Others may be put behind it: no place is the beginning of one."""
    parts = (part for each in section_order(text, venue) for part in each)
    return _as_text(parts) + _END


def place_of_row(text: str, venue: str = "") -> str:
    """`row_order` as a text."""
    return _as_text(row_order(text, venue))


def _as_text(parts: Iterable[int | str]) -> str:
    """Numbers, from 0 on, and texts, in the order in which tuples of them would be."""
    return "".join(_number(part) if isinstance(part, int) else _text(part) for part in parts)


def _number(number: int) -> str:
    digits = str(number)
    return f"{len(digits):03}{digits}"  # names have up to 512 characters


def _text(text: str) -> str:
    return text.replace(_SIGN, _SIGN + _MARK) + _END
