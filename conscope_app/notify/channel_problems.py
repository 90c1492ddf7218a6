"""What is wrong with a channels file, for the person who wrote it."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Problem(NamedTuple):
    """What is wrong, of which channel and field, in which line. It repeats no value."""

    line: int
    channel: str
    field: str
    text: str

    def __str__(self) -> str:
        place = ".".join(filter(None, (self.channel, self.field)))
        return f"line {self.line}: {f'{place}: ' if place else ''}{self.text}"


class BadChannels(ValueError):
    """The file cannot be used; the message names every problem in it."""

    def __init__(self, path: Path, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{path}, {problem}" for problem in self.problems))
