"""What is wrong with the file of a feed, for the person who wrote it."""

from collections.abc import Iterable
from typing import NamedTuple


class BadField(ValueError):
    """A field that cannot be used: its path in the file (`fields.price.path`), and why."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(f"{field}: {text}")
        self.field = field
        self.text = text


class FeedProblem(NamedTuple):
    """What is wrong, in which line and field; `field` is empty where it is the whole file."""

    line: int
    field: str
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {f'{self.field}: ' if self.field else ''}{self.text}"


class BadFeed(ValueError):
    """The file cannot be used; the message names everything that is wrong with it."""

    def __init__(self, name: str, problems: Iterable[FeedProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{name}, {problem}" for problem in self.problems))
