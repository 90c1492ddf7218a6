"""From an item to the text of one field: by a path, a constant, or a template."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from conscope_app.core.clock import EPOCH
from conscope_app.core.refusal import Reason, Refused
from conscope_app.domains.tickets.records import MAX_NOTES, as_utc
from conscope_app.sources.feeds.entry import AmountValue, MomentValue, TextValue
from conscope_app.sources.feeds.path import BadPath, Found, Path, parse_path
from conscope_app.sources.feeds.problems import BadField
from conscope_app.sources.files.amounts import DecimalSign, is_blank, parse_amount
from conscope_app.sources.files.cells import JsonNumber

ReadText = Callable[[Found], str]  # raises Refused

# Amounts have up to 33 digits, and people write signs and blanks among them.
_LONGEST_AMOUNT = 100
_HOLE = re.compile(r"\{([^{}]*)\}")
_NUMBER = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,2})?")
_MICROSECONDS = {"seconds": 10**6, "milliseconds": 10**3}


def text_reader(field: str, value: str | TextValue) -> ReadText:
    """How to read a text field. Raises `BadField` where it says nothing, or too much."""
    if isinstance(value, str):
        return _at(_path(field, value))
    said = [each for each in ("path", "constant", "template") if getattr(value, each) is not None]
    if len(said) != 1:
        raise BadField(field, "it takes one of path, constant and template")
    if value.constant is not None:
        constant = scalar_text(value.constant)
        return lambda _item: constant
    read = (
        _at(_path(f"{field}.path", value.path))
        if value.path is not None
        else _filled(f"{field}.template", value.template or "")
    )
    default = scalar_text(value.default) if value.default is not None else ""
    return (lambda item: read(item) or default) if default else read


def amount_reader(field: str, value: str | AmountValue) -> tuple[ReadText, DecimalSign]:
    """How to read an amount, and its decimal sign. Raises `BadField`."""
    if isinstance(value, str):
        return _short(_at(_path(field, value))), "."
    if (value.path is None) is (value.constant is None):
        raise BadField(field, "it takes either path or constant")
    if value.constant is not None:
        constant = scalar_text(value.constant)
        return lambda _item: constant, value.decimal
    assert value.path is not None
    read = _short(_at(_path(f"{field}.path", value.path)))
    digits, sign = value.minor_digits, value.decimal
    if not digits:
        return read, sign
    return lambda item: _major(read(item), digits, sign), sign


def moment_path(value: str | MomentValue) -> ReadText:
    """How to find the text of a moment. Raises `BadField`."""
    if isinstance(value, str):
        return _at(_path("fields.timestamp", value))
    return _at(_path("fields.timestamp.path", value.path))


def moment_parser(written: str) -> Callable[[str], datetime]:
    """How to read that text; it raises `Refused`."""
    unit = _MICROSECONDS.get(written)
    return _standard_moment if unit is None else lambda text: _counted_moment(text, unit, written)


def text_of(value: object) -> str:
    """A JSON value as text, empty for null; raises `Refused` where it is none, or too long."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            # Before anything is made of it: many items may share what is around them.
            if len(value) > MAX_NOTES:
                raise Refused(Reason.TOO_LONG, f"it has {len(value):,} characters")
            return value if isinstance(value, JsonNumber) else value.strip()
        case _:
            what = "a list" if isinstance(value, list) else "an object"
            raise Refused(Reason.WRONG_TYPE, f"{what} where a text or a number belongs")


def scalar_text(value: str | int | bool) -> str:  # noqa: FBT001 what YAML makes of `true`
    """What stands in the file as the text that JSON would give."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _at(path: Path) -> ReadText:
    return lambda item: text_of(path.read(item))


def _short(read: ReadText) -> ReadText:
    """The text of an amount; to tell what a long one is takes far longer than it is worth."""

    def amount(item: Found) -> str:
        text = read(item)
        if len(text) > _LONGEST_AMOUNT:
            raise Refused(Reason.TOO_LONG, f"no amount: it has {len(text):,} characters")
        return text

    return amount


def _filled(field: str, template: str) -> ReadText:
    """The template with its holes filled; nothing where one of them has nothing."""
    pieces = _HOLE.split(template)
    if any(sign in literal for literal in pieces[::2] for sign in "{}"):
        raise BadField(field, "a brace that is not closed, or not opened")
    paths = [_path(field, text) for text in pieces[1::2]]

    def read(item: Found) -> str:
        filled = [text_of(path.read(item)) for path in paths]
        if not all(filled):
            return ""
        between = zip(filled, pieces[2::2], strict=True)
        return pieces[0] + "".join(text + literal for text, literal in between)

    return read


def _path(field: str, text: str) -> Path:
    try:
        return parse_path(text)
    except BadPath as bad:
        raise BadField(field, str(bad)) from None


def _major(text: str, digits: int, sign: DecimalSign) -> str:
    if is_blank(text):
        return text
    parts = parse_amount(text, sign).value.as_tuple()
    assert isinstance(parts.exponent, int)
    return JsonNumber(Decimal((parts.sign, parts.digits, parts.exponent - digits)))


def _standard_moment(text: str) -> datetime:
    try:
        return as_utc(msgspec.convert(text, datetime))
    except (msgspec.ValidationError, OverflowError):
        raise Refused(Reason.BAD_TIMESTAMP, "no date and time as RFC 3339 has them") from None


def _counted_moment(text: str, microseconds: int, unit: str) -> datetime:
    if _NUMBER.fullmatch(text) is None:
        raise Refused(Reason.BAD_TIMESTAMP, f"no number of {unit}")
    try:
        return EPOCH + timedelta(microseconds=int(Decimal(text) * microseconds))
    except (OverflowError, ValueError):
        raise Refused(Reason.BAD_TIMESTAMP, f"so many {unit} are not in our calendar") from None
