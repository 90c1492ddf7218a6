"""A watch's definition as people write it, made a `Watch`, or everything that is wrong with it."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar, get_args

import msgspec
from msgspec.structs import FieldInfo

from conscope_app.alerting.watches.rules import contradictions
from conscope_app.alerting.watches.watch import ClockTime, Watch

T = TypeVar("T", bound=msgspec.Struct)

# For required parts that cannot be read, so that the others are looked at all the same.
_STAND_INS = {"id": "unreadable", "what": {}, "when": {"target": {"at_most": 1}}}


class Problem(NamedTuple):
    """One field that cannot be taken, and why."""

    field: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.field}: {self.sentence}" if self.field else self.sentence


class Invalid(ValueError):
    """A definition that cannot be taken, with all of its problems."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def read_watch(definition: object) -> Watch:
    """A watch from the plain values of JSON or YAML; raises `Invalid` with every problem."""
    problems: list[Problem] = []
    sound = _sound_part(definition, Watch, "", problems)
    if isinstance(sound, dict):
        sound = {**_STAND_INS, **sound}
    try:
        watch = msgspec.convert(sound, Watch)
    except msgspec.ValidationError:
        raise Invalid(tuple(problems)) from None  # a part of a part is missing
    amiss = [problem.field for problem in problems]
    problems += [
        Problem(field, sentence)
        for field, sentence in contradictions(watch)
        # A whole that contradicts itself without its unreadable part need not do so with it.
        if not any(each.startswith(f"{field}.") for each in amiss)
    ]
    if problems:
        raise Invalid(tuple(problems))
    return watch


def read_fields(value: object, kind: type[T]) -> T:
    """A struct from the plain values of JSON or YAML; raises `Invalid` with every problem."""
    problems: list[Problem] = []
    sound = _sound_part(value, kind, "", problems)
    if problems:
        raise Invalid(tuple(problems))
    return msgspec.convert(sound, kind)


def _sound_part(
    value: object, struct: type[msgspec.Struct], path: str, problems: list[Problem]
) -> object:
    """The fields that can be read. msgspec itself says only what is wrong with the first other."""
    if not isinstance(value, Mapping):
        problems.append(Problem(path, f"must be a set of fields, not {_shown(value)}"))
        return None
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    problems.extend(
        Problem(_below(path, name), _no_such_field(str(name), fields))
        for name in value
        if name not in fields
    )
    sound: dict[str, object] = {}
    for name, field in fields.items():
        known = len(problems)
        if name not in value:
            if field.required:
                problems.append(Problem(_below(path, name), "is missing"))
            continue
        part, inner = value[name], _struct_in(field.type)
        if inner is None:
            problems.extend(_misfit(part, field.type, _below(path, name)))
        elif part is not None or type(None) not in get_args(field.type):
            part = _sound_part(part, inner, _below(path, name), problems)
        if len(problems) == known or (inner is not None and part is not None):
            sound[name] = part
    return sound


def _misfit(value: object, kind: Any, path: str) -> Iterator[Problem]:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        # "Expected `int` >= 1 - at `$[1]`": where it is inside the field comes after the dash.
        sentence, _, inside = str(error).partition(" - at `$")
        yield Problem(path + inside.rstrip("`"), _in_words(sentence, value, kind))


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    for each in (kind, *get_args(kind)):
        if isinstance(each, type) and issubclass(each, msgspec.Struct):
            return each
    return None


def _in_words(sentence: str, value: object, kind: Any) -> str:
    if kind in (ClockTime, ClockTime | None):  # YAML takes 22:00 without quotes for a number
        return f'must be a time of day in quotes, "07:30", not {_shown(value)}'
    if "matching regex" in sentence:
        return f"must be a currency's code, USD, not {_shown(value)}"
    return sentence[0].lower() + sentence[1:].replace("`", "")


def _no_such_field(name: str, fields: Mapping[str, FieldInfo]) -> str:
    close = get_close_matches(name, fields, n=1)
    meant = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(fields)}"
    return f"there is no such field{meant}"


def _below(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def _shown(value: object) -> str:
    return f"{value!r}"[:60]
