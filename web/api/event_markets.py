"""`/api/v1/events/{event_id}/markets` and `/changes`: what sources say of an event as a whole."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, TypeVar

import msgspec
from faust.web import Request, Response, View
from msgspec import Meta
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app import app
from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Connection
from conscope_app.store.market.event_facts import read_facts
from conscope_app.store.tickets.market_reading import (
    ChangePlace,
    HistoryPlace,
    read_changes,
    read_history,
)
from web.api.event import EVENT, PATH
from web.away import within_patience
from web.cursors import cursor_of, position_of
from web.event_markets import change_shown, read_markets
from web.event_markets_schema import EventChanges, EventMarkets, MarketHistory
from web.openapi.declaration import described
from web.problems import Problem
from web.queries import query_of
from web.schema import encode

T = TypeVar("T")

# What Postgres holds as text and in its numbers: a cursor may come from anybody.
_Text = Annotated[str, Meta(max_length=1_024, pattern=r"^[^\x00\ud800-\udfff]*$")]
_Partition = Annotated[int, Meta(ge=0, le=2**31 - 1)]
_Offset = Annotated[int, Meta(ge=0, le=2**63 - 1)]
_Moment = Annotated[datetime, Meta(tz=True)]
_Limit = Annotated[int, Meta(ge=1, le=500)]
_After = Annotated[str | None, Meta(description="The `next` of a page, to go on.")]


class HistoryQuery(msgspec.Struct, frozen=True):
    """Which snapshots."""

    source: Annotated[str | None, Meta(description="Only those of this source.")] = None
    after: _After = None
    limit: _Limit = 100


class ChangesQuery(msgspec.Struct, frozen=True):
    """Which changes."""

    after: _After = None
    limit: _Limit = 100


class _HistoryPlace(msgspec.Struct, frozen=True, array_like=True):
    at: _Moment
    partition: _Partition
    offset: _Offset


class _ChangePlace(msgspec.Struct, frozen=True, array_like=True):
    at: _Moment
    id: _Text


@app.page(f"/api/v1/events/{EVENT}/markets", name="api_event_markets")
class MarketsOfEvent(View):
    """An event at each of its sources."""

    @described(
        tag="events",
        summary="What each source says of an event as a whole, and of those that are one with it.",
        path=PATH,
        answer=EventMarkets,
    )
    async def get(self, request: Request, event_id: str) -> Response:
        """Side by side."""
        now = app.services.clock()
        return await _answered(self, event_id, lambda cursor: read_markets(cursor, event_id, now))


@app.page(f"/api/v1/events/{EVENT}/markets/history", name="api_event_markets_history")
class HistoryOfMarkets(View):
    """The snapshots of an event."""

    @described(
        tag="events",
        summary="What sources said of an event as a whole, the newest first.",
        path=PATH,
        query=HistoryQuery,
        answer=MarketHistory,
    )
    async def get(self, request: Request, event_id: str) -> Response:
        """A page of them."""
        asked = query_of(request, HistoryQuery)
        return await _answered(self, event_id, lambda cursor: _history(cursor, event_id, asked))


@app.page(f"/api/v1/events/{EVENT}/changes", name="api_event_changes")
class ChangesOfEvent(View):
    """What changed of an event without a price."""

    @described(
        tag="events",
        summary="What changed of an event: its sale, its time, its place; the newest first.",
        path=PATH,
        query=ChangesQuery,
        answer=EventChanges,
    )
    async def get(self, request: Request, event_id: str) -> Response:
        """A page of it."""
        asked = query_of(request, ChangesQuery)
        return await _answered(self, event_id, lambda cursor: _changes(cursor, event_id, asked))


def _history(cursor: Cursor, event_id: str, asked: HistoryQuery) -> MarketHistory:
    after = None
    if asked.after is not None:
        place = position_of(asked.after, _HistoryPlace)
        after = HistoryPlace(place.at, place.partition, place.offset)
    found = read_history(cursor, event_id, asked.limit + 1, source=asked.source, after=after)
    shown = found[: asked.limit]
    following = cursor_of(shown[-1][1]) if len(found) > asked.limit else None
    return MarketHistory(event_id, [snapshot for snapshot, _ in shown], following)


def _changes(cursor: Cursor, event_id: str, asked: ChangesQuery) -> EventChanges:
    after = None
    if asked.after is not None:
        place = position_of(asked.after, _ChangePlace)
        after = ChangePlace(place.at, place.id)
    found = read_changes(cursor, [event_id], asked.limit + 1, after)
    shown = found[: asked.limit]
    following = cursor_of((shown[-1].at, shown[-1].id)) if len(found) > asked.limit else None
    return EventChanges(event_id, [change_shown(each) for each in shown], following)


async def _answered(view: View, event_id: str, read: Callable[[Cursor], T]) -> Response:
    found = await read_of(event_id, read)
    return view.bytes(encode(found), content_type="application/json")


async def read_of(event_id: str, read: Callable[[Cursor], T]) -> T:
    """What is read of an event, whether a seat of it is known or not; raises `Problem`."""

    def work(connection: Connection) -> T | None:
        with briefly(connection) as cursor:
            return None if read_facts(cursor, event_id) is None else read(cursor)

    found = await within_patience(work)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no event {event_id!r}.")
    return found
