"""Text from outside made harmless for whoever reads it: a terminal, a log, a page."""

import unicodedata
from collections.abc import Iterable

# Format characters that hold emoji and some scripts together; they hide nothing.
_JOINERS = "\u200c\u200d"

# Control and format characters, halves of characters, and the two that end a line unseen.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str) -> str:
    """The text on one line; what a terminal could take for an order is written out (`\\x1b`)."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def readable(text: str) -> str:
    """The text for a page: what nobody can see, or what turns the reading direction, written out.

    Unlike `printable` it leaves alone what a browser shows well: blanks of other widths, emoji.
    """
    if text.isprintable():
        return text
    return "".join(ascii(each)[1:-1] if _hides(each) else each for each in text)


def printable_json(text: str) -> str:
    """JSON with the same meaning, in which a terminal finds no orders.

    JSON holds such characters in its strings only, where they may stand as escapes.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _json_escape(each) for each in text)


def _hides(character: str) -> bool:
    return character not in _JOINERS and unicodedata.category(character) in _INVISIBLE


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


class Mask:
    """Takes known secrets out of a text; its own `repr` shows none of them.

    A last net under code that writes none: an error of a library may repeat what it was given.
    """

    # What is shorter may be a word of the log's own ("postgres"), which has to stay readable.
    SHORTEST = 10

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        long_enough = {secret for secret in secrets if len(secret) >= self.SHORTEST}
        self._secrets = sorted(long_enough, key=len, reverse=True)

    def __repr__(self) -> str:
        return f"Mask({len(self._secrets)} secrets)"

    def __call__(self, text: str) -> str:
        """The text with `[secret]` in the place of each."""
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return text
