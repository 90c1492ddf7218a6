"""The channels file: which channels there are, in YAML.

    channels:
      phone:
        kind: discord
        url_file: discord-url      # beside this file; or url: https://discord.com/api/webhooks/…
      ana:
        kind: email
        to: ana@example.com
        from: ConScope <alerts@example.com>
        host: smtp.example.com
        user: alerts@example.com
        password_file: /run/secrets/smtp

The fields of each kind are those of `channel_entries`. Nothing is taken from the environment.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from conscope_app.notify.channel_entries import KINDS, NAME, SECRETS, Entry
from conscope_app.notify.channel_problems import BadChannels, Problem

_WHERE = re.compile(r" - at `\$\.?(?P<field>[^`]*)`$")


class Described(NamedTuple):
    """A channel as the file describes it, with its secrets read."""

    name: str
    entry: Entry
    secrets: Mapping[str, str]  # by the field: url, secret, password, authorities
    problem: Callable[[str, str], Problem]  # of a field of it

    def __repr__(self) -> str:
        return f"Described({self.name!r})"


def read_channels(path: Path) -> list[Described]:
    """All channels, in the order of the file. Raises `BadChannels` with all that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise BadChannels(path, [Problem(1, "", "", f"the file cannot be read: {why}")]) from None
    problems: list[Problem] = []
    described = []
    for name, place, raw in _entries(path, text):
        found = _described(name, place, raw, path.parent)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            described.append(found)
    if problems:
        raise BadChannels(path, problems)
    return described


def _entries(path: Path, text: str) -> Iterator[tuple[str, int, Any]]:
    try:
        root = YAML(typ="rt", pure=True).load(text)
    except YAMLError as error:
        raise BadChannels(path, [_unreadable(error)]) from None
    channels = root.get("channels") if isinstance(root, CommentedMap) else None
    if not isinstance(channels, CommentedMap) or not channels or len(root) != 1:
        only = "it must hold `channels:`, with at least one below it, and nothing else"
        raise BadChannels(path, [Problem(1, "", "", only)])
    for name, raw in channels.items():
        yield str(name), channels.lc.key(name)[0] + 1, raw


def _unreadable(error: YAMLError) -> Problem:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    line = 1 if mark is None else mark.line + 1
    # Its own words repeat both values.
    twice = isinstance(error, DuplicateKeyError)
    return Problem(line, "", "", "a name stands here twice" if twice else "this is no YAML")


def _described(name: str, place: int, raw: Any, folder: Path) -> Described | Problem:
    def problem(field: str, text: str) -> Problem:
        line = place
        if isinstance(raw, CommentedMap) and field in raw:
            line = raw.lc.key(field)[0] + 1
        return Problem(line, name, field, text)

    if NAME.fullmatch(name) is None:
        return problem("", "a name has up to 64 letters, digits, dots, dashes and underscores")
    if not isinstance(raw, CommentedMap) or raw.get("kind") not in KINDS:
        return problem("kind", f"it must be one of {', '.join(KINDS)}")
    try:
        entry = msgspec.convert(dict(raw), KINDS[raw["kind"]])
    except msgspec.ValidationError as error:
        return problem(*_field_and_text(str(error)))
    return _with_secrets(name, entry, folder, problem)


def _with_secrets(
    name: str, entry: Entry, folder: Path, problem: Callable[[str, str], Problem]
) -> Described | Problem:
    secrets = {}
    for field in (*SECRETS, "authorities"):
        given, file = getattr(entry, field, None), getattr(entry, f"{field}_file", None)
        if given is not None and file is not None:
            return problem(f"{field}_file", f"either this or `{field}`, not both")
        if file is not None:
            try:
                given = (folder / file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
                return problem(f"{field}_file", f"the file cannot be read: {why}")
        if given is not None:
            if not given.strip():
                return problem(field if file is None else f"{field}_file", "it is empty")
            secrets[field] = given.strip()
    return Described(name, entry, secrets, problem)


def _field_and_text(message: str) -> tuple[str, str]:
    """msgspec's words, which repeat no value but that of `kind`."""
    where = _WHERE.search(message)
    if where is None:
        unknown = re.search(r"unknown field `([^`]*)`", message)
        return (unknown[1] if unknown else ""), message
    return where["field"], message[: where.start()]
