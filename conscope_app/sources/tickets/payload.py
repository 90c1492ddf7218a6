"""Reads a vendor's list of events one by one, so that a bad one costs itself and no other.

An event that does not have the documented shape loses the field that does not fit, which is named.
Only where it cannot do without that field is it refused as a whole.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from conscope_app.core.money import is_believable
from conscope_app.domains.tickets.market import MarketSnapshot
from conscope_app.domains.tickets.records import MAX_NAME, MAX_URL, as_utc
from conscope_app.sources.adapter import Answer, Misread, Refusal, Request, Secret

# What a list of ids can hold, and an address: neither a comma nor a blank.
VENDOR_ID = r"^[A-Za-z0-9_-]{1,100}\Z"
VendorId = Annotated[str, Meta(pattern=VENDOR_ID)]
Title = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
Text = Annotated[str, Meta(max_length=MAX_NAME)]
WebAddress = Annotated[str, Meta(pattern=r"^https?://[^\s\x00-\x1f]+\Z", max_length=MAX_URL)]
Price = Decimal | None | UnsetType

_MOST_REFUSED = 40
_MOST_REFUSED_WITHIN = 3
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_AT = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_OUTER = re.compile(r"\.[^.\[]+")
_STEP = re.compile(r"\.(?P<key>[^.\[]+)|\[(?P<index>\d+)\]")
_CONTROL = re.compile("[\x00-\x1f\x7f]")
# Vendors write the years 1900 and 9999 for what is not known.
_KNOWN_YEARS = range(1970, 9000)

Payload = TypeVar("Payload")
Page = TypeVar("Page")


class Unreadable(Exception):
    """One event that cannot be read; the message says why, and nothing that it holds."""


class Events(NamedTuple):
    """What a list of events says, and what of it was refused."""

    markets: list[MarketSnapshot]
    refused: list[Refusal]


def read_page(answer: Answer, decoder: msgspec.json.Decoder[Page]) -> Page:
    """The answer around its events; raises `Misread`."""
    try:
        return decoder.decode(answer.body)
    except _UNREADABLE as error:
        # Not chained: an error of a decoder may hold the whole body.
        why = str(error) if isinstance(error, msgspec.DecodeError) else type(error).__name__
    raise Misread(f"the answer is not a list of events: {why}")


def read_events(
    request: Request,
    raws: Sequence[msgspec.Raw],
    decoder: msgspec.json.Decoder[Payload],
    translate: Callable[[Payload], MarketSnapshot | None],
    name: str,
) -> Events:
    """Each event that can be read, once; raises `Misread` where there are some and none can be.

    `translate` gives None for an event that is none of anybody's business; `name` is the source's.
    An answer to a request for certain events that holds none of them is a `Misread`:
    it is the answer to another request (seatgeek/api-support#162).
    """
    found: dict[str, MarketSnapshot] = {}
    refused: list[Refusal] = []
    passed = 0
    for raw in raws:
        try:
            payload, lost = _read_event(bytes(raw), decoder)
            market = translate(payload)
        except Unreadable as error:
            refused.append(Refusal(_id_in(raw, name), None, str(error)))
            continue
        refused.extend(Refusal(_id_in(raw, name), field, why) for field, why in lost)
        if market is None:
            passed += 1
        elif market.event_id in found:
            refused.append(Refusal(market.event_id, None, "it is in the answer twice"))
        else:
            found[market.event_id] = market
    if raws and not found and not passed:
        raise Misread(f"none of {len(raws)} events can be read: {refused[0].why}")
    if request.event_ids and found:
        _keep_asked(found, {our_id(name, one) for one in request.event_ids}, refused)
    return Events(list(found.values()), refused)


def _keep_asked(found: dict[str, MarketSnapshot], asked: set[str], refused: list[Refusal]) -> None:
    strangers = [one for one in found if one not in asked]
    if len(strangers) == len(found):
        raise Misread("the answer holds none of the events that were asked for, but others")
    for stranger in strangers:
        del found[stranger]
        refused.append(Refusal(stranger, None, "it was not asked for"))


def _read_event(
    raw: bytes, decoder: msgspec.json.Decoder[Payload]
) -> tuple[Payload, list[tuple[str, str]]]:
    """The event without the fields that do not fit, and those fields; raises `Unreadable`."""
    lost: list[tuple[str, str]] = []
    first = ""
    within: Counter[str] = Counter()
    for _ in range(_MOST_REFUSED):
        try:
            return decoder.decode(raw), lost
        except _UNREADABLE as error:
            why = str(error) if isinstance(error, msgspec.DecodeError) else type(error).__name__
        first = first or why
        at = _AT.search(why)
        if at is None:
            break
        path = at["path"]
        outer = _OUTER.match(path)
        if outer is not None:
            within[outer[0]] += 1
            if within[outer[0]] > _MOST_REFUSED_WITHIN:
                path = outer[0]  # a list of which nothing fits
        raw = _without(raw, path)
        field = path.lstrip(".")
        if not any(before.startswith(field) for before, _ in lost):  # else it is its consequence
            lost.append((field, why[: at.start()]))
    raise Unreadable(first)


def _without(raw: bytes, path: str) -> bytes:
    try:
        payload: Any = msgspec.json.decode(raw)
        steps = [step["key"] or int(step["index"]) for step in _STEP.finditer(path)]
        holder = payload
        for step in steps[:-1]:
            holder = holder[step]
        del holder[steps[-1]]
        return msgspec.json.encode(payload)
    except (*_UNREADABLE, KeyError, IndexError, TypeError) as error:
        raise Unreadable(f"`{path}` cannot be taken out ({type(error).__name__})") from None


class _OnlyId(msgspec.Struct):
    id: int | str


_only_id = msgspec.json.Decoder(_OnlyId)


def _id_in(raw: msgspec.Raw, name: str) -> str | None:
    try:
        return our_id(name, str(_only_id.decode(raw).id))[:MAX_NAME]
    except _UNREADABLE:
        return None


def one_line(text: str) -> str:
    """The text without line breaks, control characters and blanks around it."""
    if text.isprintable() and "  " not in text and text[:1] != " " != text[-1:]:
        return text  # as nearly all are
    return " ".join(_CONTROL.sub(" ", text).split())


def title(text: str) -> str:
    """The text on one line; raises `Unreadable` where there is nothing to see."""
    line = one_line(text)
    if not line:
        raise Unreadable("it has no name")
    return line


def known(text: str | None) -> str | None:
    """The text on one line, null for none."""
    return (one_line(text) or None) if text is not None else None


def is_known(day: date | None) -> bool:
    """Whether a day (or a moment) is one, and does not stand for "not known"."""
    return day is not None and day.year in _KNOWN_YEARS


def moment(at: datetime | None) -> datetime | None:
    """The moment in UTC, null for one that stands for "not known"."""
    return as_utc(at) if at is not None and is_known(at) else None


def price(amount: Price) -> Price:
    """The amount; null for one that nobody can pay: nothing, less, NaN, a digit too many."""
    if amount is None or amount is UNSET:
        return amount
    # NaN compares with nothing, so believable comes first.
    return amount if is_believable(amount) and amount > 0 else None


def coordinate(written: str | float | None, most: float) -> float | None:
    """Degrees, from a number or its text; null outside of the globe."""
    try:
        degrees = float(written) if written is not None else None
    except ValueError:
        return None
    return degrees if degrees is not None and abs(degrees) <= most else None


def whole_second(at: datetime) -> datetime:
    """The moment in UTC, or the next whole second: vendors' filters know no fractions."""
    at = as_utc(at)
    return at.replace(microsecond=0) + timedelta(seconds=1 if at.microsecond else 0)


def our_id(name: str, event_id: str) -> str:
    """Our id of a vendor's event: of the vendor's own id, or of what is ours already."""
    return f"{name}-{event_id.removeprefix(f'{name}-')}"


def asked_ids(event_ids: Iterable[str], name: str, most: int) -> tuple[str, ...]:
    """The vendor's own ids; raises `ValueError` for none, too many, and what is no id."""
    theirs = tuple(one.removeprefix(f"{name}-") for one in event_ids)
    if not 0 < len(theirs) <= most:
        raise ValueError(f"{name} is asked for 1 to {most} events, not {len(theirs)}")
    for one in theirs:
        if re.match(VENDOR_ID, one) is None:
            raise ValueError(f"{one!r} is no id of {name}")
    return theirs


def page_after(request: Request, page: int) -> Request:
    """The request for the page that follows this one, without the key."""
    query = [
        (name, value)
        for name, value in request.query
        if name != "page" and not isinstance(value, Secret)
    ]
    return request._replace(query=(*query, ("page", str(page + 1))))


def check_page(request: Request, *, page: int, first: int, total: int, has_events: bool) -> None:
    """Raises `Misread` for an answer that contradicts what was asked for, or itself."""
    asked = int(dict(request.query).get("page", str(first)))
    if page != asked:
        raise Misread(f"page {page} came where page {asked} was asked for")
    if not has_events and total and asked == first:
        raise Misread(f"no event of {total} is in the answer")
    if not total and asked > first:
        raise Misread(f"page {asked} of a list that is said to be empty")
