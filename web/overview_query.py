"""The list of events as an address asks for it, what is amiss with that, and addresses of lists.

Nothing that is amiss keeps the rest from being understood: a page shows what it can.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, NamedTuple, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Meta

from conscope_app.core.money import is_believable, is_currency
from conscope_app.domains.tickets.records import MAX_NAME
from conscope_app.store.market.event_list_find import (
    COLUMNS,
    ORDERS,
    SORTS,
    Find,
    Order,
    Position,
    Sort,
)
from web.cursors import cursor_of, position_of
from web.problems import Problem

T = TypeVar("T")

# In the order in which an address names them.
FIELDS = (
    "search",
    "source",
    "venue",
    "date_from",
    "date_to",
    "price_from",
    "price_to",
    "currency",
    "dropping",
    "sort",
    "order",
    "after",
    "limit",
)
FILTERS = FIELDS[:9]
DEFAULT_LIMIT, MAX_LIMIT = 50, 200
MAX_SEARCH = 200

# The way in which people look at a column first; the drops of right now are why they come.
FIRST_ORDER: dict[str, Order] = {
    "name": "asc",
    "venue": "asc",
    "date": "asc",
    "lowest": "asc",
    "change": "asc",
    "seats": "desc",
    "last_drop": "desc",
    "last_seen": "desc",
}
DEFAULT_SORT: Sort = "last_drop"

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.A)
_AMOUNT = re.compile(r"\d{1,16}(\.\d{0,18})?", re.A)
_YES, _NO = ("true", "1", "on"), ("false", "0", "off")

# What a position may hold; a cursor may come from anybody.
_Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
_Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
_Text = Annotated[str, Meta(max_length=64, pattern="^[^\0]*$")]
_Moment = Annotated[datetime, Meta(tz=True)]
_SHAPES: dict[str, Any] = {
    "text": tuple[Sort, Order, _Text | None, _Id],
    "numeric": tuple[Sort, Order, Decimal | None, _Id],
    "bigint": tuple[Sort, Order, _Number | None, _Id],
    "timestamptz": tuple[Sort, Order, _Moment | None, _Id],
}
_NO_CURSOR = "is not the `next` of this list in this order"


class _Amiss(Exception):
    """A word that cannot be taken; the message says what is wrong with it."""


class Asked(NamedTuple):
    """What could be understood, the words that it was said in, and by field what is amiss."""

    find: Find
    words: dict[str, str]
    amiss: dict[str, str]

    @property
    def is_filtered(self) -> bool:
        """Whether anything is kept out."""
        return any(name in self.words for name in FILTERS)


def asked_by(query: Mapping[str, str], limit: int | None = None) -> Asked:
    """The question of an address; with a `limit`, whatever that says of it."""
    words = {name: query[name].strip() for name in FIELDS if query.get(name, "").strip()}
    amiss: dict[str, str] = {}

    def taken(name: str, take: Callable[[str], T]) -> T | None:
        try:
            return take(_text(words[name])) if name in words else None
        except _Amiss as amiss_here:
            amiss[name] = str(amiss_here)
            return None

    sort = taken("sort", lambda text: _one_of(text, SORTS)) or DEFAULT_SORT
    find = Find(
        search=taken("search", _words),
        source=taken("source", _name),
        venue=taken("venue", _words),
        date_from=taken("date_from", _day),
        date_to=taken("date_to", _day),
        price_from=taken("price_from", _amount),
        price_to=taken("price_to", _amount),
        currency=taken("currency", _currency),
        is_dropping=taken("dropping", _flag) or False,
        sort=sort,
        order=taken("order", lambda text: _one_of(text, ORDERS)) or FIRST_ORDER[sort],
        limit=limit or taken("limit", _limit) or DEFAULT_LIMIT,
    )
    amiss |= _ends(find)
    find = msgspec.structs.replace(find, **dict.fromkeys(amiss.keys() & {"date_to", "price_to"}))
    after = taken("after", lambda cursor: _position(cursor, find))
    return Asked(msgspec.structs.replace(find, after=after), words, amiss)


def cursor_behind(find: Find, position: Position) -> str:
    """Where the list goes on behind a position, for an address."""
    return cursor_of((find.sort, find.order, *position))


def address(words: Mapping[str, str], **changes: str | None) -> str:
    """The overview with these words, changed; without what is None, or goes without saying."""
    said = {name: {**words, **changes}.get(name) for name in FIELDS}
    sort = said["sort"] or DEFAULT_SORT
    if said["order"] == FIRST_ORDER.get(sort):
        del said["order"]
        if sort == DEFAULT_SORT:
            del said["sort"]
    query = urlencode({name: word for name, word in said.items() if word is not None})
    return f"/?{query}" if query else "/"


def _text(word: str) -> str:
    # Postgres knows neither, and no name holds them.
    if "\0" in word or any("\ud800" <= each <= "\udfff" for each in word):
        raise _Amiss("holds a character that is none")
    return word


def _words(text: str) -> str:
    if len(text) > MAX_SEARCH:
        raise _Amiss(f"has more than {MAX_SEARCH} characters")
    if not any(each.isalnum() for each in text):
        raise _Amiss("holds no word to look for")
    return text


def _name(text: str) -> str:
    if len(text) > MAX_NAME:
        raise _Amiss(f"has more than {MAX_NAME} characters")
    return text


def _day(text: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # there is no such day; said below
    raise _Amiss("is not a day, such as 2027-01-31")


def _amount(text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text) or not is_believable(amount := Decimal(text)):
        raise _Amiss("is not an amount, such as 12.50")
    return amount


def _currency(text: str) -> str:
    code = text.upper()
    if not is_currency(code):
        raise _Amiss("is not a currency's code, such as USD")
    return code


def _flag(text: str) -> bool:
    if text.lower() not in (*_YES, *_NO):
        raise _Amiss("is true or false")
    return text.lower() in _YES


def _one_of(text: str, choices: tuple[T, ...]) -> T:
    for choice in choices:
        if choice == text:
            return choice
    raise _Amiss(f"is one of {', '.join(map(str, choices))}")


def _limit(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MAX_LIMIT:
        return int(text)
    raise _Amiss(f"is not a whole number from 1 to {MAX_LIMIT}")


def _ends(find: Find) -> dict[str, str]:
    """What ends before it begins."""
    amiss = {}
    if find.date_from and find.date_to and find.date_to < find.date_from:
        amiss["date_to"] = "is before the first day"
    if find.price_to is not None and find.price_to < (find.price_from or 0):
        amiss["price_to"] = "is below the other amount"
    return amiss


def _position(cursor: str, find: Find) -> Position:
    column = COLUMNS[find.sort]
    try:
        sort, order, value, line = position_of(cursor, _SHAPES[column.type])
    except Problem:
        raise _Amiss(_NO_CURSOR) from None
    if (sort, order) != (find.sort, find.order) or (value is None and not column.may_be_null):
        raise _Amiss(_NO_CURSOR)
    # A ratio of two prices has fewer digits than this on either side of its point.
    if isinstance(value, Decimal) and not (value.is_finite() and abs(value.adjusted()) < 100):
        raise _Amiss(_NO_CURSOR)
    return Position(value, line)
