"""The table of venues' other names, with the lines that somebody added in a file of their own."""

from pathlib import Path

from conscope_app.domains.tickets.matching.aliases import BadAliases, aliases_with
from conscope_app.domains.tickets.matching.venues import Aliases


def aliases_of(path: Path | None) -> Aliases:
    """The shipped table and the file's lines. Raises `BadAliases`, which names the file."""
    if path is None:
        return aliases_with()
    try:
        return aliases_with(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise BadAliases(f"{path}: the file cannot be read: {why}") from None
    except BadAliases as error:
        raise BadAliases(f"{path}, {error}") from None
