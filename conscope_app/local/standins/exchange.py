"""A request and its answer, as values: what a stand-in is, without a socket."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import msgspec


class Asked(NamedTuple):
    """A GET, with header names in lower case."""

    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str] = {}


class Reply(NamedTuple):
    """What is answered: only the first half of it where `is_cut`.

    Where there is a silence, nothing is: the connection ends after `silence_s`.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    silence_s: float = 0.0
    is_cut: bool = False


class Invalid(Exception):
    """A question that the vendor does not take; `reply` is what it says to it."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("the vendor does not take this question")
        self.reply = reply


class Vendor(Protocol):
    """What differs from one vendor to the other."""

    name: str
    path: str
    key_parameter: str
    per_second: int
    per_day: int

    def page(self, asked: Asked, now: datetime) -> dict[str, Any]:
        """The answer to a valid question; raises `Invalid`."""

    def unsigned(self) -> Reply:
        """What is said to whoever has no key."""

    def too_fast(self) -> Reply:
        """What is said to more requests in a second than are allowed."""

    def used_up(self, key: str, resets_at: datetime) -> Reply:
        """What is said once the day's requests are used up."""

    def standing(self, left: int, resets_at: datetime) -> dict[str, str]:
        """The headers that say how many requests are left."""

    def with_changed_field(self, page: dict[str, Any]) -> dict[str, Any]:
        """The page with prices in another shape than is documented."""

    def with_renamed_list(self, page: dict[str, Any]) -> dict[str, Any]:
        """The page with its events under another name."""

    def without_prices(self, page: dict[str, Any]) -> dict[str, Any]:
        """The page with nothing said of prices."""

    def without_events(self, page: dict[str, Any]) -> dict[str, Any]:
        """The page of a vendor that says it has no events at all."""


def as_json(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """A reply with this body."""
    content = msgspec.json.encode(body)
    return Reply(status, {"Content-Type": "application/json", **(headers or {})}, content)


def whole_number(asked: Asked, name: str, default: int) -> int | None:
    """A parameter that is a whole number from 0; None where it is something else."""
    said = dict(asked.query).get(name, str(default))
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 9 else None
