"""A YAML file of watches, and everything that is wrong with it, by line and field.

    watches:
      - id: cheap-floor
        what: {subjects: [evt-17], only: {section: [Floor*]}}
        when: {target: {at_most: 150}}

Sections, seats and ids are taken as they are written: 101, 007 and on need no quotes.
"""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from conscope_app.alerting.watches.validation import Invalid
from conscope_app.alerting.watches.watch import Watch
from conscope_app.store.watches.reading import read_definition

_TAG = "tag:yaml.org,2002:"
_TEXTS = re.compile(r"id|name|what\.(?:subjects|only|never)\b.*|to\.channels\b.*")
_LAST_STEP = re.compile(r"(?:\.[^.\[]*|\[[^\]]*\])$|^[^.\[]+$")

# No file that people write comes near; aliases of aliases do.
_MOST_VALUES = 200_000


class FileProblem(NamedTuple):
    """Something that is wrong, and in which line. `watch` is empty where it is not one's fault."""

    line: int
    watch: str
    field: str
    sentence: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (f"line {self.line}", self.watch, self.field, self.sentence)))


class BadWatchFile(Exception):
    """A file of watches that cannot be taken, with all that is wrong with it."""

    def __init__(self, problems: list[FileProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def read_watch_file(path: Path, *, channels: Collection[str] | None = None) -> list[Watch]:
    """All watches of a file, in its order; raises `BadWatchFile`.

    With `channels` those that there are, other ones are refused.
    """
    try:
        return read_watches(path.read_text(encoding="utf-8"), channels=channels)
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise BadWatchFile([FileProblem(1, "", "", f"the file cannot be read: {why}")]) from None


def read_watches(text: str, *, channels: Collection[str] | None = None) -> list[Watch]:
    """The same, from the file's text."""
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        raise BadWatchFile([_unreadable(error)]) from None
    problems: list[FileProblem] = []
    watches: dict[str, Watch] = {}
    for node in _definitions(root):
        line = node.start_mark.line + 1
        try:
            read = _Read(node)
            watch = read.watch(channels)
        except Invalid as invalid:
            problems += [
                FileProblem(read.line_of(each.field), read.id, each.field, each.sentence)
                for each in invalid.problems
            ]
            continue
        except BadWatchFile as bad:
            problems += bad.problems
            continue
        if watch.id in watches:
            problems.append(FileProblem(line, watch.id, "id", "another watch has it already"))
        watches[watch.id] = watch
    if problems:
        raise BadWatchFile(sorted(problems))
    return [*watches.values()]


def _definitions(root: Node | None) -> list[Node]:
    """The watches: those below `watches:`, those of a list, or the only one."""
    if isinstance(root, SequenceNode):
        return [*root.value]
    if isinstance(root, MappingNode):
        below = {key.value: value for key, value in root.value}
        if "watches" not in below:
            return [root]
        if len(below) == 1 and isinstance(below["watches"], SequenceNode):
            return [*below["watches"].value]
    line = 1 if root is None else root.start_mark.line + 1
    only = "the file must hold `watches:` with a list of them, and nothing else"
    raise BadWatchFile([FileProblem(line, "", "", only)])


class _Read:
    """A definition as plain values, and in which line each of them stands."""

    def __init__(self, node: Node) -> None:
        self._lines: dict[str, int] = {"": node.start_mark.line + 1}
        self._values = 0
        self._within: set[int] = set()
        self._plain = self._value(node, "")
        given = self._plain.get("id") if isinstance(self._plain, dict) else None
        self.id = given if isinstance(given, str) else ""

    def watch(self, channels: Collection[str] | None) -> Watch:
        """The watch; raises `Invalid`."""
        return read_definition(self._plain, channels=channels)

    def line_of(self, field: str) -> int:
        """Where a field stands, or the nearest one that it would stand in."""
        while field not in self._lines:
            field = _LAST_STEP.sub("", field)
        return self._lines[field]

    def _value(self, node: Node, path: str) -> Any:
        self._lines.setdefault(path, node.start_mark.line + 1)
        self._values += 1
        if self._values > _MOST_VALUES or id(node) in self._within:
            raise self._bad(node, path, "there is no end to it: an alias within itself")
        if isinstance(node, ScalarNode):
            return node.value if _TEXTS.fullmatch(path) else _plain(node)
        self._within.add(id(node))
        try:
            if isinstance(node, SequenceNode):
                items = enumerate(node.value)
                return [self._value(each, f"{path}[{number}]") for number, each in items]
            return self._fields(node, path)
        finally:
            self._within.discard(id(node))

    def _fields(self, node: Node, path: str) -> dict[str, Any]:
        given: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            if key.tag == f"{_TAG}merge":
                for each in self._merged(value, path):
                    merged = {**each, **merged}
                continue
            if name in given:
                raise self._bad(key, path, f"{name} stands here twice")
            below = f"{path}.{name}" if path else name
            self._lines[below] = key.start_mark.line + 1
            given[name] = self._value(value, below)
        return {**merged, **given}

    def _merged(self, node: Node, path: str) -> Iterator[dict[str, Any]]:
        for each in node.value if isinstance(node, SequenceNode) else [node]:
            plain = self._value(each, path)
            if not isinstance(plain, dict):
                raise self._bad(each, path, "<< takes a set of fields")
            yield plain

    def _bad(self, node: Node, path: str, sentence: str) -> BadWatchFile:
        return BadWatchFile([FileProblem(node.start_mark.line + 1, "", path, sentence)])


def _plain(node: ScalarNode) -> object:
    """A number, true, false or nothing; everything else, moments too, as it is written."""
    text = str(node.value)
    kind = str(node.tag).removeprefix(_TAG)
    try:
        if kind == "int":
            return int(text.replace("_", ""), 10)
        if kind == "float":
            return float(text.replace("_", ""))
    except ValueError:
        return text  # 0x1F, .inf: no amount that anybody means
    if kind == "bool":
        return text.lower() == "true"
    return None if kind == "null" else text


def _unreadable(error: YAMLError) -> FileProblem:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    words = error.problem if isinstance(error, MarkedYAMLError) else None
    line = 1 if mark is None else mark.line + 1
    return FileProblem(line, "", "", f"this is no YAML: {words or 'it cannot be read'}")
