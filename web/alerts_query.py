"""What an address asks of the lists of alerts; pages and the API ask in the same words."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Annotated, Any, Literal, TypeVar, get_args

import msgspec
from msgspec import Meta

from conscope_app import app
from conscope_app.domains.tickets.records import as_utc
from conscope_app.store.alerts.drop_search import DropFilter, DropPlace, State
from conscope_app.store.watches.episode_search import Filter, Reached, Status
from web.cursors import cursor_of, position_of
from web.problems import Problem

T = TypeVar("T")

Within = Literal["hour", "day", "week", "month"]
WITHIN: Mapping[str, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
_MOST_PERCENT = 100


class AlertsQuery(msgspec.Struct, frozen=True):
    """What all lists of alerts can be asked for; what is left out takes them all."""

    event: Annotated[str | None, Meta(description="Only those of this event.")] = None
    words: Annotated[str | None, Meta(description="Beginnings of words of its name.")] = None
    channel: Annotated[str | None, Meta(description="Only those for this channel.")] = None
    percent: Annotated[Decimal | None, Meta(description="At least so many percent.")] = None
    since: Annotated[datetime | None, Meta(description="From this moment on.")] = None
    within: Annotated[Within | None, Meta(description="Or of the last hour, day, …")] = None
    until: Annotated[datetime | None, Meta(description="Up to this moment.")] = None
    after: Annotated[str | None, Meta(description="The `next` of a page, to go on.")] = None


class _Place(msgspec.Struct, frozen=True, array_like=True):
    """A place as a cursor holds it, within what the columns hold."""

    at: Annotated[datetime, Meta(tz=True)]
    partition: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    offset: Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Asked:
    """The fields of a query, read one by one; `refuse` says what is wrong with them all."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self._query = query
        self._amiss: list[tuple[str, str]] = []

    def text(self, name: str) -> str | None:
        """What was written; None where that is nothing."""
        return self._query.get(name, "").strip() or None

    def name(self, name: str) -> str | None:
        """An id, as it stands there: blanks may be a part of it."""
        return self._query.get(name) or None

    def choice(self, name: str, choices: Any) -> Any:
        """One of the words of a `Literal`."""
        text, words = self.text(name), get_args(choices)
        if text is not None and text not in words:
            self._refuse(name, f"{name} is {', '.join(words[:-1])} or {words[-1]}.")
            return None
        return text

    def percent(self, name: str) -> Decimal | None:
        """A number from 0 to 100."""
        text = self.text(name)
        if text is None:
            return None
        try:
            value = Decimal(text)
            if value.is_finite() and 0 <= value <= _MOST_PERCENT:
                return value
        except InvalidOperation:
            pass  # said below, as of every other text that is no such number
        self._refuse(name, f"{name} is a number from 0 to {_MOST_PERCENT}.")
        return None

    def moment(self, name: str) -> datetime | None:
        """A moment; one without an offset is in UTC."""
        text = self.text(name)
        if text is None:
            return None
        try:
            # A plus sign that nobody encoded is a blank here.
            return as_utc(datetime.fromisoformat(text.replace(" ", "+")))
        except (ValueError, OverflowError):
            self._refuse(name, f"{name} is a moment: 2027-01-31T12:00Z.")
            return None

    def since(self) -> datetime | None:
        """`since`, or else the beginning of the span that lasts `within` until now."""
        since = self.moment("since")
        within = self.text("within")
        if within is not None and within not in WITHIN:
            self._refuse("within", f"within is {', '.join(WITHIN)}.")
        elif within is not None and since is None:
            since = app.services.clock() - WITHIN[within]
        return since

    def after(self, shape: type[T]) -> T | None:
        """The place that a cursor names."""
        text = self.text("after")
        if text is None:
            return None
        try:
            return position_of(text, shape)
        except Problem as problem:
            self._refuse("after", problem.detail)
            return None

    def refuse(self) -> None:
        """Raise `Problem` with every field that cannot be taken."""
        if self._amiss:
            detail = " ".join(sentence for _, sentence in self._amiss)
            raise Problem(HTTPStatus.BAD_REQUEST, detail, self._amiss)

    def _refuse(self, name: str, sentence: str) -> None:
        self._amiss.append((name, sentence))


def episodes_asked(query: Mapping[str, str], limit: int) -> Filter:
    """Which episodes; raises `Problem`. An event may be named as `event` or `subject`."""
    asked = Asked(query)
    status: Status | None = asked.choice("status", Status)
    reached: Reached | None = asked.choice("told", Reached)
    found = Filter(
        watch=asked.name("watch"),
        subject=asked.name("event") or asked.name("subject"),
        words=asked.text("words"),
        status=status,
        channel=asked.name("channel"),
        reached=reached,
        percent=asked.percent("percent"),
        since=asked.since(),
        until=asked.moment("until"),
        after=asked.name("after"),
        limit=limit,
    )
    asked.refuse()
    return found


def drops_asked(query: Mapping[str, str], limit: int) -> DropFilter:
    """Which plain price drops; raises `Problem`."""
    asked = Asked(query)
    told: State | None = asked.choice("told", State)
    found = DropFilter(
        event=asked.name("event"),
        words=asked.text("words"),
        channel=asked.name("channel"),
        state=told,
        percent=asked.percent("percent"),
        since=asked.since(),
        until=asked.moment("until"),
        after=_place(asked),
        limit=limit,
    )
    asked.refuse()
    return found


def drop_cursor(place: DropPlace) -> str:
    """The place as a text for an address."""
    return cursor_of(_Place(place.at.astimezone(UTC), place.partition, place.offset))


def _place(asked: Asked) -> DropPlace | None:
    found = asked.after(_Place)
    return None if found is None else DropPlace(found.at, found.partition, found.offset)
