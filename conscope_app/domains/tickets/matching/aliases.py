"""The table of venues' other names: as it ships, and as somebody extends it."""

from importlib.resources import files

import msgspec

from conscope_app.domains.tickets.matching.venues import Alias, Aliases

SHIPPED = "venue_aliases.jsonl"

_decode = msgspec.json.Decoder(Alias).decode


class BadAliases(ValueError):
    """A line of a table cannot be read; the message says which one, and why."""


def read_aliases(text: str) -> list[Alias]:
    """The lines of a table: JSON Lines, in which empty lines and those that begin with # pass."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            found.append(_decode(line))
        except msgspec.DecodeError as error:
            raise BadAliases(f"line {number}: {error}") from error
    return found


def shipped_aliases() -> list[Alias]:
    """The table that ships."""
    return read_aliases((files(__package__) / SHIPPED).read_text("utf-8"))


def aliases_with(more: str = "") -> Aliases:
    """The shipped table and the lines of another one."""
    return Aliases([*shipped_aliases(), *read_aliases(more)])
