"""`/api/v1/events/{event_id}`: an event's figures, and what its seats cost, for programs."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, TypeVar

import msgspec
from faust.web import Request, Response, View
from msgspec import Meta

from conscope_app import app
from conscope_app.store.market.event_prices import read_cells
from web import event_reading
from web.away import within_patience
from web.bodies import number_of
from web.event_query import currency_of
from web.event_reading import Asked, NoSuchEvent, reading
from web.event_schema import Cheapest, EventFigures, HeatMap, Histogram
from web.openapi.declaration import described
from web.problems import Problem
from web.schema import encode

T = TypeVar("T")

EVENT = "{event_id:[^/]+}"  # as on its page
MOST_CELLS = 5_000
_MOST_TOGETHER = 10
_USUALLY_TOGETHER = 2

PATH = {"event_id": "The event's id."}


class EventQuery(msgspec.Struct, frozen=True):
    """In which currency."""

    currency: Annotated[
        str | None, Meta(description="A code, such as USD; else that with most seats on sale.")
    ] = None


class TogetherQuery(EventQuery, frozen=True):
    """How many seats."""

    seats: Annotated[int, Meta(ge=1, le=_MOST_TOGETHER)] = _USUALLY_TOGETHER


@app.page(f"/api/v1/events/{EVENT}", name="api_event")
class Event(View):
    """An event in one currency (`currency=`, or the one with most seats on sale)."""

    @described(
        tag="events",
        summary="An event's key figures in one currency.",
        path=PATH,
        query=EventQuery,
        reads_query_itself=True,
        answer=EventFigures,
    )
    async def get(self, request: Request, event_id: str) -> Response:
        """The key figures."""
        return _answer(self, await read(request, event_id, _figures))


@app.page(f"/api/v1/events/{EVENT}/together", name="api_event_together")
class SeatsTogether(View):
    """Seats beside each other: `seats` of them, 2 where nothing is said."""

    @described(
        tag="events",
        summary="The cheapest seats beside each other.",
        path=PATH,
        query=TogetherQuery,
        reads_query_itself=True,
        answer=Cheapest,
    )
    async def get(self, request: Request, event_id: str) -> Response:
        """The cheapest."""
        seats = number_of(request, "seats", _USUALLY_TOGETHER, _MOST_TOGETHER)
        return _answer(self, await read(request, event_id, partial(_cheapest, seats=seats)))


@app.page(f"/api/v1/events/{EVENT}/histogram", name="api_event_histogram")
class EventHistogram(View):
    """The seats on sale by price."""

    @described(
        tag="events",
        summary="The seats on sale by price.",
        path=PATH,
        query=EventQuery,
        reads_query_itself=True,
        answer=Histogram,
    )
    async def get(self, request: Request, event_id: str) -> Response:
        """The bins."""
        return _answer(self, await read(request, event_id, _histogram))


@app.page(f"/api/v1/events/{EVENT}/heat", name="api_event_heat")
class EventHeat(View):
    """The lowest price of each section and row."""

    @described(
        tag="events",
        summary="The lowest price of each section and row, the cheapest first.",
        path=PATH,
        query=EventQuery,
        reads_query_itself=True,
        answer=HeatMap,
    )
    async def get(self, request: Request, event_id: str) -> Response:
        """The cells, the cheapest first."""
        return _answer(self, await read(request, event_id, _heat))


async def read(request: Request, event_id: str, work: Callable[[Asked], T]) -> T:
    """What `work` reads of the event in the currency of the query; raises `Problem`."""
    now = app.services.clock()
    try:
        asked = reading(event_id, currency_of(request.query), now, work)
        return await within_patience(asked)
    except NoSuchEvent as error:
        raise Problem(HTTPStatus.NOT_FOUND, str(error)) from None


def _figures(asked: Asked) -> EventFigures:
    return event_reading.figures(asked, event_reading.summary(asked))


def _cheapest(asked: Asked, seats: int) -> Cheapest:
    keys = event_reading.standing(asked, cheapest=event_reading.MOST_LOOKED_AT).cheapest
    return event_reading.cheapest(asked, (seats,), keys)


def _histogram(asked: Asked) -> Histogram:
    found = event_reading.histogram(asked, event_reading.summary(asked))
    return Histogram(asked.now, asked.facts.event_id, asked.market.currency, found)


def _heat(asked: Asked) -> HeatMap:
    event_id, currency = asked.facts.event_id, asked.market.currency
    cells = read_cells(asked.cursor, event_id, currency, MOST_CELLS + 1)
    return HeatMap(asked.now, event_id, currency, cells[:MOST_CELLS], len(cells) > MOST_CELLS)


def _answer(view: View, value: msgspec.Struct) -> Response:
    return view.bytes(encode(value), content_type="application/json")
