"""The key of a feed, from where its file says that it is."""

from collections.abc import Mapping
from pathlib import Path

from conscope_app.sources.feeds.entry import Key


class NoKey(Exception):
    """There is no key where the file says; the message says where, and never what was there."""


def read_key(where: Key, environment: Mapping[str, str], folder: Path) -> str:
    """The key. `folder` is the one of the feed's file. Raises `NoKey`."""
    if where.variable is not None:
        place, key = f"the environment's {where.variable}", environment.get(where.variable, "")
    else:
        assert where.file is not None
        place = where.file
        try:
            key = (folder / where.file).read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
            raise NoKey(f"the key's file {place} cannot be read: {why}") from None
    key = key.strip()
    if not key:
        raise NoKey(f"there is no key in {place}")
    # A line end in a header would begin another one.
    if not key.isascii() or not key.isprintable():
        raise NoKey(f"what is in {place} is no key: it holds characters that no key has")
    return key
