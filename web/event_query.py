"""Which seats and which chart of an event a query asks for; what it cannot mean is a `Problem`."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar, get_args

from conscope_app.core.money import is_believable, is_currency
from conscope_app.store.market.event_chart import By, ChartAsked, Range
from conscope_app.store.market.event_seats import (
    Position,
    SeatFilter,
    Sort,
    State,
    type_of_order,
)
from web.cursors import cursor_of, position_of
from web.problems import Problem

T = TypeVar("T")

Query = Mapping[str, str]

_MOST_DIGITS = 60  # of an amount in a cursor: more than any that was written into one


class _Amount(NamedTuple):
    value: Decimal
    key: bytes


class _Moment(NamedTuple):
    value: datetime
    key: bytes


class _Text(NamedTuple):
    value: str
    key: bytes


_SHAPES: Mapping[str, type[_Amount | _Moment | _Text]] = {
    "numeric": _Amount,
    "timestamptz": _Moment,
    "text": _Text,
}


def currency_of(query: Query) -> str | None:
    """The currency that is asked for, if one is."""
    asked = query.get("currency")
    if asked is not None and not is_currency(asked):
        raise _refused("currency", "currency is a code of capital letters: USD.")
    return asked


def seats_asked(query: Query, event_id: str, currency: str, limit: int) -> SeatFilter:
    """Which seats, in which order, from where on."""
    state: State = _one_of("state", query.get("state", "on_sale"), State)
    usual = "price" if state == "on_sale" else "gone"
    sort: Sort = _one_of("sort", query.get("sort") or usual, Sort)
    after = query.get("after")
    return SeatFilter(
        event_id=event_id,
        currency=currency,
        state=state,
        # A form sends its empty fields too.
        section=query.get("section") or None,
        source=query.get("source") or None,
        at_least=_amount("at_least", query),
        at_most=_amount("at_most", query),
        sort=sort,
        after=None if after is None else _position(after, sort),
        limit=limit,
    )


def seat_cursor(position: Position) -> str:
    """Where a list of seats goes on, as a text for an address."""
    return cursor_of(position)


def chart_asked(query: Query, currency: str) -> ChartAsked:
    """Which chart."""
    asked: Range = _one_of("range", query.get("range", "day"), Range)
    by: By = _one_of("by", query.get("by", "event"), By)
    return ChartAsked(currency, asked, by)


def _one_of(name: str, given: str, choices: Any) -> Any:
    """`choices` is a Literal; what is returned is one of its words."""
    known = get_args(choices)
    if given not in known:
        raise _refused(name, f"{name} is one of: {', '.join(known)}.")
    return given


def _amount(name: str, query: Query) -> Decimal | None:
    given = query.get(name, "").strip()
    if not given:
        return None
    try:
        amount = Decimal(given)
    except InvalidOperation:
        raise _refused(name, f"{name} is an amount: 99.50.") from None
    if not is_believable(amount):
        raise _refused(name, f"{name} is no amount that a seat could cost.")
    return amount


def _position(cursor: str, sort: Sort) -> Position:
    found = position_of(cursor, _SHAPES[type_of_order(sort)])
    value = found.value
    is_sound = "\0" not in value if isinstance(value, str) else _is_sound(value)
    if not is_sound:
        raise _refused("after", "`after` is not a cursor of this list.")
    return Position(value if isinstance(value, str) else _written(value), found.key)


def _is_sound(value: Decimal | datetime) -> bool:
    if isinstance(value, datetime):
        return value.tzinfo is not None
    return value.is_finite() and abs(value.adjusted()) < _MOST_DIGITS


def _written(value: Decimal | datetime) -> str:
    return value.isoformat() if isinstance(value, datetime) else f"{value:f}"


def _refused(field: str, detail: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, detail, [(field, detail)])
