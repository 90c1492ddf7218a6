"""The YAML file of a feed, and everything that is wrong with it, by line and field.

name: coins
url: https://api.example.com/v1/tickers
every: 1m
items: $.data[*]
fields:
  event_id: symbol
  price: last
  currency: {constant: USDT}
"""

import re
from pathlib import Path
from typing import Any

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from conscope_app.sources.feeds.adapter import FeedAdapter
from conscope_app.sources.feeds.compiling import compiled
from conscope_app.sources.feeds.entry import FeedEntry
from conscope_app.sources.feeds.problems import BadFeed, FeedProblem

# No feed that people write comes near.
_MOST_CHARACTERS = 256 * 1024
_WHERE = re.compile(r" - at `\$\.?(?P<field>[^`]*)`$")


def read_feed(path: Path) -> FeedAdapter:
    """The feed that a file describes. Raises `BadFeed` with what is wrong, by line and field."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        problem = FeedProblem(1, "", f"the file cannot be read: {why}")
        raise BadFeed(path.name, [problem]) from None
    return feed_from(text, path.name)


def feed_from(text: str, name: str) -> FeedAdapter:
    """The same, from the file's text and name."""
    plain, raw = _loaded(text, name)
    try:
        entry = msgspec.convert(plain, FeedEntry)
    except msgspec.ValidationError as error:
        field, said = _field_and_text(str(error))
        raise BadFeed(name, [FeedProblem(_line(raw, field), field, said)]) from None
    found = compiled(entry)
    if isinstance(found, FeedAdapter):
        return found
    raise BadFeed(
        name, sorted(FeedProblem(_line(raw, each.field), each.field, each.text) for each in found)
    )


def _loaded(text: str, name: str) -> tuple[object, CommentedMap]:
    """The file as plain values, and as what knows its lines, but has classes of its own."""
    if len(text) > _MOST_CHARACTERS:
        raise BadFeed(name, [FeedProblem(1, "", f"the file has {len(text):,} characters")])
    try:
        root = YAML(typ="rt", pure=True).load(text)
        plain = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        words = error.problem if isinstance(error, MarkedYAMLError) else None
        said = f"this is no YAML: {words or 'it cannot be read'}"
        if isinstance(error, DuplicateKeyError):
            said = "a name stands here twice"
        line = 1 if mark is None else mark.line + 1
        raise BadFeed(name, [FeedProblem(line, "", said)]) from None
    except (ValueError, RecursionError) as error:
        raise BadFeed(name, [FeedProblem(1, "", f"this is no YAML: {error}")]) from None
    if not isinstance(root, CommentedMap):
        raise BadFeed(name, [FeedProblem(1, "", "it must hold name, url and fields")])
    return plain, root


def _line(raw: CommentedMap, field: str) -> int:
    """Where a field stands, or the nearest one that it would stand in."""
    line = 1
    within: Any = raw
    for step in field.split("."):
        if not isinstance(within, CommentedMap) or step not in within:
            break
        try:
            line = within.lc.key(step)[0] + 1
        except KeyError:
            break  # it was merged from elsewhere
        within = within[step]
    return line


def _field_and_text(message: str) -> tuple[str, str]:
    where = _WHERE.search(message)
    field = where["field"].replace("[...]", "") if where else ""
    said = message[: where.start()] if where else message
    unknown = re.search(r"unknown field `([^`]*)`", message)
    if unknown:
        return ".".join(filter(None, (field, unknown[1]))), "there is no such field"
    if re.search(r"Expected `[^`]*str.*got `(?:int|float|bool|date|datetime)`", message):
        said += ": write it in quotes"
    return field, said
