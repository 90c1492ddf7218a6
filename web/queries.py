"""What an address asks behind its `?`: read by the fields of a struct, all mistakes named at once.

A query is declared as a struct. Its fields are the parameters that there are; a field without a
default has to be given; a field of a list takes each that is given.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any, TypeVar, cast

import msgspec
from aiohttp import web
from faust.web import Request
from msgspec import inspect
from msgspec.structs import FieldInfo
from multidict import MultiMapping

from conscope_app.domains.tickets.records import as_utc
from web.problems import Problem

Q = TypeVar("Q", bound=msgspec.Struct)

_WHOLE = re.compile(r"-?\d{1,9}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1_000, 9_000  # so far that days can be counted from them, both ways
_LONGEST_NAME = 60  # of a parameter that there is not, in the answer that says so


class NoQuery(msgspec.Struct, frozen=True):
    """Nothing can be asked."""


def query_of(request: Request, kind: type[Q]) -> Q:
    """What the address asks; a `Problem` that names each parameter which cannot be taken."""
    query, fields = _query(request), _fields(kind)
    errors = _amiss_by_name(query, fields)
    read: dict[str, Any] = {}
    for name, field in fields.items():
        if name in query and name not in errors:
            try:
                read[field.name] = _value(query.getall(name), field.type)
            except ValueError:
                errors[name] = f"{name} is {kind_in_words(inspect.type_info(field.type))}."
        elif field.required and name not in query:
            errors[name] = f"{name} is missing."
    _refuse(errors)
    return kind(**read)


def must_be_known(request: Request, kind: type[msgspec.Struct]) -> None:
    """A `Problem` that names each parameter which there is not, or which is given too often."""
    _refuse(_amiss_by_name(_query(request), _fields(kind)))


def without_none(kind: inspect.Type) -> inspect.Type:
    """The type itself, of what may be left out or carries more words."""
    if isinstance(kind, inspect.Metadata):
        return without_none(kind.type)
    if not isinstance(kind, inspect.UnionType):
        return kind
    (left,) = (each for each in kind.types if not isinstance(each, inspect.NoneType))
    return without_none(left)


def item_of(kind: inspect.Type) -> inspect.Type | None:
    """What a list is of; None where it is no list."""
    if isinstance(kind, inspect.ListType | inspect.VarTupleType):
        return without_none(kind.item_type)
    return None


def kind_in_words(kind: inspect.Type) -> str:
    """What a parameter takes: "a whole number from 1 to 500"."""
    match without_none(kind):
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return f"{kind_in_words(item)}, as often as it is given"
        case inspect.LiteralType(values=values):
            return " or ".join(map(str, values))
        case inspect.IntType(ge=least, le=most):
            return f"a whole number{_bounds(least, most)}"
        case inspect.FloatType(ge=least, le=most):
            return f"a number{_bounds(least, most)}"
        case inspect.DecimalType():
            return "a number"
        case inspect.DateTimeType():
            return "a moment: 2027-01-31T12:00:00Z"
        case inspect.DateType():
            return "a day: 2027-01-31"
        case inspect.BoolType():
            return "true or false"
        case inspect.StrType(min_length=least, max_length=most):
            letters = _bounds(least or 0, most)
            return f"one text{letters} letters long" if letters else "one text"
        case other:
            raise TypeError(f"no parameter can be a {other}")


def _query(request: Request) -> MultiMapping[str]:
    # Faust's own types know no driver's requests.
    return cast("web.Request", request).query


def _fields(kind: type[msgspec.Struct]) -> dict[str, FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


def _amiss_by_name(query: MultiMapping[str], fields: Mapping[str, FieldInfo]) -> dict[str, str]:
    shown = (name[:_LONGEST_NAME] for name in query if name not in fields)
    errors = {name: _no_such(name, fields) for name in shown}
    for name, field in fields.items():
        is_list = item_of(without_none(inspect.type_info(field.type))) is not None
        if not is_list and len(query.getall(name, ())) > 1:
            errors[name] = f"{name} can be given once."
    return errors


def _refuse(errors: Mapping[str, str]) -> None:
    if errors:
        raise Problem(HTTPStatus.BAD_REQUEST, " ".join(errors.values()), errors.items())


def _bounds(least: float | None, most: float | None) -> str:
    low = "" if least is None else f" from {least:,g}".replace(",", "")
    high = "" if most is None else f" to {most:,g}".replace(",", "")
    return low + high if high else ""


def _no_such(name: str, fields: Mapping[str, FieldInfo]) -> str:
    close = get_close_matches(name, fields, n=1)
    if close:
        return f"There is no parameter {name}; did you mean {close[0]}?"
    there_are = f"there are {', '.join(fields)}" if fields else "none can be given here"
    return f"There is no parameter {name}; {there_are}."


def _value(texts: list[str], declared: Any) -> Any:
    kind = without_none(inspect.type_info(declared))
    if (item := item_of(kind)) is not None:
        return msgspec.convert([_plain(text, item) for text in texts], declared)
    return msgspec.convert(_plain(texts[0], kind), declared)


def _plain(text: str, kind: inspect.Type) -> Any:
    match kind:
        case inspect.IntType():
            return int(_matching(_WHOLE, text))
        case inspect.FloatType():
            return float(_matching(_NUMBER, text))
        case inspect.DecimalType():
            return Decimal(_matching(_NUMBER, text))
        case inspect.BoolType():
            return {"true": True, "false": False}.get(text, text)
        case inspect.DateTimeType():
            return _moment(text)
        case _:
            return text


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError(text)
    return text


def _moment(text: str) -> datetime:
    """One without an offset is in UTC."""
    # A plus sign that nobody encoded is a blank here.
    read = msgspec.convert(text.replace(" ", "+"), datetime)
    if not _FIRST_YEAR < read.year < _LAST_YEAR:
        raise ValueError(text)
    return as_utc(read)
