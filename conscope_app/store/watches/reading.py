"""Definitions from outside, from a file or a request: taken if they can also be kept."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any

import msgspec

from conscope_app.alerting.watches.silences import Silence
from conscope_app.alerting.watches.validation import Invalid, Problem, read_fields, read_watch
from conscope_app.alerting.watches.watch import To, Watch, schema
from conscope_app.domains.tickets.happenings import HAPPENINGS, unknown
from conscope_app.store.watches.definitions import encode_definition

# What fits into an address and onto a terminal as it is.
ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$"

# `/api/v1/watches/dry-run` tries watches, and on `/watches/new` one is made.
RESERVED = frozenset({"dry-run", "new"})

# Postgres holds neither: https://www.postgresql.org/docs/current/datatype-character.html
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# Every change of a watch goes through Kafka with what belongs to it, in records of 1 MiB at most.
MOST_KIB = 256
_UNBOUNDED = ("subjects", "only", "never")

# Nobody's clocks can show what lies much further ahead.
_LAST_YEAR = 9_000


def read_definition(value: object, *, channels: Collection[str] | None = None) -> Watch:
    """A watch from the plain values of JSON or YAML; raises `Invalid` with every problem.

    With `channels`, those that there are, one that names another is refused: it would wait there
    for ever, and nobody would hear of it.
    """
    problems = [
        *_unstorable(value, ""),
        *_of_id(value),
        *_of_happenings(value),
        *_of_channels(value, channels),
    ]
    try:
        watch = read_watch(value)
    except Invalid as invalid:
        amiss = {problem.field for problem in invalid.problems}
        more = tuple(problem for problem in problems if problem.field not in amiss)
        raise Invalid((*more, *invalid.problems)) from None
    problems += [] if problems else _of_size(watch)  # what cannot be stored has no size
    problems += _of_moments(watch.to, "expires_at", "snoozed_until", below="to.")
    if problems:
        raise Invalid(tuple(problems))
    return watch


def read_silence(value: object) -> Silence:
    """A silence in the same way."""
    problems = [*_unstorable(value, ""), *_of_id(value)]
    if problems:
        raise Invalid(tuple(problems))
    silence = read_fields(value, Silence)
    problems = [*_of_moments(silence, "begins_at", "ends_at")]
    begins_at = silence.begins_at
    if not problems and begins_at is not None and begins_at >= silence.ends_at:
        problems = [Problem("ends_at", "must be after begins_at")]
    if problems:
        raise Invalid(tuple(problems))
    return silence


def must_be_moment(field: str, moment: datetime | None) -> None:
    """Raises `Invalid` where nothing can be said to last until this moment."""
    if moment is not None and (sentence := _amiss(moment)) is not None:
        raise Invalid((Problem(field, sentence),))


def file_schema() -> dict[str, Any]:
    """The JSON Schema of a file of watches, and of one watch as its `$defs` have it."""
    drawn = schema()
    drawn["$defs"]["Watch"]["properties"]["id"]["pattern"] = ID_PATTERN
    drawn["$defs"]["When"]["properties"]["happens"]["items"] = {"enum": [*HAPPENINGS]}
    return {
        "$schema": drawn["$schema"],
        "title": "Watches",
        "description": "A file for `faust -A conscope_app watches apply`.",
        "type": "object",
        "properties": {"watches": {"type": "array", "items": {"$ref": "#/$defs/Watch"}}},
        "required": ["watches"],
        "additionalProperties": False,
        "$defs": drawn["$defs"],
    }


def _unstorable(value: object, path: str) -> Iterator[Problem]:
    if isinstance(value, str):
        if _UNSTORABLE.search(value) is not None:
            yield Problem(path, "holds a character that is none (NUL, or half of one)")
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            below = f"{path}.{name!s}" if path else str(name)
            if _UNSTORABLE.search(str(name)) is not None:
                yield Problem(path, "has a name with a character that is none")
            else:
                yield from _unstorable(inner, below)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _unstorable(inner, f"{path}[{number}]")


def _of_id(value: object) -> Iterator[Problem]:
    given = value.get("id") if isinstance(value, Mapping) else None
    if not isinstance(given, str):
        return
    if given in RESERVED:
        yield Problem("id", f"{given} is an address of its own")
    elif re.fullmatch(ID_PATTERN, given) is None:
        yield Problem("id", "must be letters, digits, dots, colons, dashes and underscores")


def _of_happenings(value: object) -> Iterator[Problem]:
    """Words that nothing is called by: nobody would ever be told of it."""
    when = value.get("when") if isinstance(value, Mapping) else None
    given = when.get("happens") if isinstance(when, Mapping) else None
    for number, word in enumerate(given if isinstance(given, list | tuple) else ()):
        if isinstance(word, str) and unknown([word]):
            close = get_close_matches(word, HAPPENINGS, n=1)
            meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(HAPPENINGS)}"
            yield Problem(f"when.happens[{number}]", f"nothing that happens; {meant}")


def _of_channels(value: object, channels: Collection[str] | None) -> Iterator[Problem]:
    to = value.get("to", {}) if isinstance(value, Mapping) else None
    given = to.get("channels", To().channels) if isinstance(to, Mapping) else ()
    if channels is None or not isinstance(given, list | tuple):
        return
    unknown = [each for each in given if isinstance(each, str) and each not in channels]
    if unknown:
        names = ", ".join(f"`{each}`" for each in unknown)
        sentence = f"there is no channel {names}; there are: {', '.join(channels)}"
        yield Problem("to.channels", sentence)


def _of_size(watch: Watch) -> Iterator[Problem]:
    size = len(encode_definition(watch).encode())
    if size > MOST_KIB * 1_024:
        longest = max(
            _UNBOUNDED, key=lambda name: len(msgspec.json.encode(getattr(watch.what, name)))
        )
        sentence = (
            f"the definition takes {size // 1_024} KiB, most of them here; {MOST_KIB} at most"
        )
        yield Problem(f"what.{longest}", sentence)


def _of_moments(whole: msgspec.Struct, *names: str, below: str = "") -> Iterator[Problem]:
    for name in names:
        moment = getattr(whole, name)
        if moment is not None and (sentence := _amiss(moment)) is not None:
            yield Problem(f"{below}{name}", sentence)


def _amiss(moment: datetime) -> str | None:
    """Why nothing can be said to last until a moment, if so."""
    if moment.tzinfo is None:
        return "must say its offset from UTC: 2027-01-31T12:00:00Z"
    return None if moment.year < _LAST_YEAR else f"must be before the year {_LAST_YEAR}"
