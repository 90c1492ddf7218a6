"""Paths into JSON: JSONPath (RFC 9535) without what searches, and with two ways up.

    $.data.products[*].variants[*]     the items: `*` is each element of a list, each member of
                                       an object
    price.amount                       in an item; `['a.b']` for names with signs, `[0]`, `[-1]`
    $.meta.currency                    from the whole of the answer
    ^.title                            from what is around the item: the product of a variant
    ~                                  the name under which the item stands, or its position

A library's JSONPath or JMESPath reaches neither the name of a member nor what is around an item,
in which many interfaces put the id; and has searches and functions, with which a small answer can
take a long time. A path here takes as many steps as it has, and a path of items no more than there
are values in the answer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

_SHOWN = 60  # characters of a name, where it is told what is there

Step = str | int | None  # a member, an element, or (None) each of them

_STEP = re.compile(
    r"""\.(?P<name>[^.\[\]'"*^~$@\s{}]+)|\.(?P<each>\*)|\[(?P<every>\*)\]"""
    r"""|\[(?P<index>-?[0-9]{1,6})\]|\['(?P<single>[^']*)'\]|\["(?P<double>[^"]*)"\]"""
)


class BadPath(ValueError):
    """A text that is no path; the message says what is wrong with it."""


class Missing(LookupError):
    """There is nothing where the path leads; the message says how far it came."""


class Found(NamedTuple):
    """A value, the name or position under which it stands, and each value around it up to `$`."""

    value: object
    name: str
    around: tuple["Found", ...]
    where: str


@dataclass(frozen=True, slots=True)
class Path:
    """Where to begin (`levels` up from the item; None is the whole answer), and the way from there.

    With `is_name` it leads to the name that stands there, not to what stands under it.
    """

    text: str
    levels: int | None
    steps: tuple[Step, ...]
    is_name: bool = False

    def __str__(self) -> str:
        return self.text

    def read(self, item: Found) -> object:
        """The value for an item; None where nothing is there."""
        if self.is_name:
            return _level(item, self.levels or 0).name
        start = item.around[-1] if self.levels is None and item.around else item
        value = _level(start, self.levels or 0).value
        for step in self.steps:
            value = _member(value, step)
        return value


def parse_path(text: str) -> Path:
    """A path to one value. Raises `BadPath`."""
    path = _parse(text)
    if None in path.steps:
        raise BadPath("* stands for many values, and only one is wanted here")
    return path


def parse_items(text: str) -> Path:
    """The path of the items, from the whole answer. Raises `BadPath`."""
    path = _parse(text if text.startswith("$") else f"$.{text}")
    if path.is_name or path.levels is not None:
        raise BadPath("the path of the items begins with $, the whole answer")
    return path


def whole(value: object) -> Found:
    """A whole answer, for paths that lead into it."""
    return Found(value, "", (), "$")


def find_items(path: Path, root: Found) -> Iterator[Found | Missing]:
    """Every item, in the order of the answer; a part that has none is `Missing` in its place.

    Raises `Missing` where there is nothing before the first `*`.
    """
    parts: list[list[str | int]] = [[]]
    for step in path.steps:
        if step is None:
            parts.append([])
        else:
            parts[-1].append(step)
    return _below(root, parts)


def _below(start: Found, parts: list[list[str | int]]) -> Iterator[Found | Missing]:
    value, where = _walk(start, parts[0])
    if len(parts) == 1:
        name = str(parts[0][-1]) if parts[0] else start.name
        around = (start, *start.around) if parts[0] else start.around
        return iter((Found(value, name, around, where),))
    return _each(start, value, where, parts[1:])


def _each(
    start: Found, value: object, where: str, parts: list[list[str | int]]
) -> Iterator[Found | Missing]:
    around = (start, *start.around)
    for name, step, element in _members(value, where):
        found = Found(element, name, around, f"{where}{step}")
        try:
            yield from _below(found, parts)
        except Missing as missing:
            yield missing


def _members(value: object, where: str) -> Iterator[tuple[str, str, object]]:
    if isinstance(value, list):
        for position, element in enumerate(value):
            yield str(position), f"[{position}]", element
    elif isinstance(value, dict):
        for name, element in value.items():
            yield name, f".{name[:_SHOWN]}", element
    else:
        raise Missing(f"{where} is neither a list nor an object")


def _walk(start: Found, steps: list[str | int]) -> tuple[object, str]:
    value, where = start.value, start.where
    for step in steps:
        value = _member(value, step)
        where += f".{step}" if isinstance(step, str) else f"[{step}]"
        if value is None:
            raise Missing(f"there is no {where}")
    return value, where


def _member(value: object, step: Step) -> object:
    if isinstance(value, dict) and isinstance(step, str):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
        return value[step]
    return None


def _level(item: Found, levels: int) -> Found:
    """What is so many levels around the item; beyond the last one, the whole answer."""
    return item if not levels or not item.around else item.around[:levels][-1]


def _parse(text: str) -> Path:
    levels: int | None = 0
    rest = text
    if text.startswith("$"):
        levels, rest = None, text[1:]
    elif text.startswith("^"):
        rest = text.lstrip("^")
        levels = len(text) - len(rest)
    elif text.startswith("@"):
        rest = text[1:]
    elif text and text != "~":
        rest = text if text.startswith("[") else f".{text}"
    if not text or len(text) > 500:
        raise BadPath("a path has 1 to 500 characters")
    if rest == "~" and levels is not None:
        return Path(text, levels, (), is_name=True)
    return Path(text, levels, tuple(_steps(text, rest)))


def _steps(text: str, rest: str) -> Iterator[Step]:
    at = 0
    while at < len(rest):
        match = _STEP.match(rest, at)
        if match is None:
            begins = len(text) - len(rest) + at
            raise BadPath(f"{text!r} is no path from {text[max(begins, 0) :]!r} on")
        at = match.end()
        if match["each"] or match["every"]:
            yield None
        elif match["index"]:
            yield int(match["index"])
        else:
            yield next(each for each in match.group("name", "single", "double") if each is not None)
