"""`/api/v1/events`: every event, searched, filtered and in any order."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated

import msgspec
from faust.web import Request, Response, View
from msgspec import Meta

from conscope_app import app
from conscope_app.store.market.event_list import EventList, Line
from conscope_app.store.market.event_list_find import Order, Sort
from web.openapi.declaration import described
from web.overview_query import DEFAULT_LIMIT, DEFAULT_SORT, MAX_LIMIT, asked_by, cursor_behind
from web.overview_reading import current_events
from web.patience import Unanswered
from web.problems import Problem
from web.schema import encode


class EventPage(msgspec.Struct, frozen=True):
    """Some lines, an event in one currency each; `next` goes on behind them (`after=`).

    An event that sources know under several ids (`members`) is one line and counts once.
    There are more than `total` where that is not exact. `refreshed_at` is when any line was brought
    up to date last; null: there is none at all.
    """

    events: list[Line]
    next: str | None
    total: int
    is_total_exact: bool
    refreshed_at: datetime | None


class EventListQuery(msgspec.Struct, frozen=True):
    """Which events, in which order; values that are not known come last in either."""

    search: Annotated[str | None, Meta(description="Beginnings of words of a name or venue.")] = (
        None
    )
    source: Annotated[str | None, Meta(description="Only those of this source.")] = None
    venue: Annotated[str | None, Meta(description="Beginnings of words of the venue.")] = None
    date_from: Annotated[date | None, Meta(description="From this day on.")] = None
    date_to: Annotated[date | None, Meta(description="Up to this day.")] = None
    price_from: Annotated[Decimal | None, Meta(description="The lowest price, at least.")] = None
    price_to: Annotated[Decimal | None, Meta(description="The lowest price, at most.")] = None
    currency: Annotated[str | None, Meta(description="A code, such as USD.")] = None
    dropping: Annotated[bool, Meta(description="A drop in the last ten minutes.")] = False
    sort: Sort = DEFAULT_SORT
    order: Annotated[Order | None, Meta(description="Else as people look at it first.")] = None
    after: Annotated[str | None, Meta(description="The `next` of a page, to go on.")] = None
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


@app.page("/api/v1/events", name="api_events")
class Events(View):
    """The list of events; one in two currencies is two lines, one at two sources is one."""

    @described(
        tag="events",
        summary="Every event, searched, filtered and in any order.",
        query=EventListQuery,
        reads_query_itself=True,
        answer=EventPage,
    )
    async def get(self, request: Request) -> Response:
        """A page of the list."""
        page = await _page(request.query)
        return self.bytes(encode(page), content_type="application/json")


async def _page(query: Mapping[str, str]) -> EventPage:
    find, _, amiss = asked_by(query)
    if amiss:
        detail = "; ".join(f"{name} {sentence}" for name, sentence in amiss.items())
        raise Problem(HTTPStatus.BAD_REQUEST, f"{detail}.", amiss.items())
    try:
        found: EventList = await current_events(find)
    except Unanswered as error:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, f"{error}.") from None
    return EventPage(
        events=found.lines,
        next=None if found.next is None else cursor_behind(find, found.next),
        total=found.total,
        is_total_exact=found.is_total_exact,
        refreshed_at=found.refreshed_at,
    )
