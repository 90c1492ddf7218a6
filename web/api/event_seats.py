"""`/api/v1/events/{event_id}/seats`: the seats in pages, and all of them as CSV and as JSON."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, NamedTuple

from faust.web import Request, Response, View
from msgspec import Meta

from conscope_app import app
from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Connection
from conscope_app.store.market.event_seats import (
    SeatFilter,
    Sort,
    State,
    read_by_keys,
    read_keys,
)
from web import event_reading
from web.api.event import EVENT, PATH, EventQuery, read
from web.bodies import number_of
from web.csv_cells import Cell, csv_lines
from web.downloads import file_name, send_file
from web.event_query import seats_asked
from web.event_reading import Asked, seat_shown
from web.event_schema import SeatList, SeatShown
from web.openapi.declaration import described
from web.schema import encode

DEFAULT_LIMIT, MAX_LIMIT = 100, 500

# A file takes as many seats as the largest house offers; one that is cut says so in its headers.
MOST_SEATS = 50_000
_AT_ONCE = 500

_COLUMNS = (
    *("state", "source", "section", "row", "seat", "quantity", "currency"),
    *("first_price", "price", "total_price", "change", "change_percent", "lowest", "highest"),
    *("drops", "first_seen_at", "moved_at", "last_seen_at", "listing_url"),
)


class _File(NamedTuple):
    """Which seats are in a file, as of the moment at which it was asked for."""

    name: str
    state: State
    now: datetime
    keys: list[bytes]
    is_cut: bool


Writer = Callable[[_File, list[SeatShown], bool], bytes]


class SeatsQuery(EventQuery, frozen=True):
    """Which seats, in which order."""

    state: State = "on_sale"
    section: Annotated[str | None, Meta(description="Only those of this section.")] = None
    source: Annotated[str | None, Meta(description="Only those of this source.")] = None
    at_least: Annotated[Decimal | None, Meta(description="Only those from this price on.")] = None
    at_most: Annotated[Decimal | None, Meta(description="Only those up to this price.")] = None
    sort: Annotated[
        Sort | None, Meta(description="In which order; else by price, or by when they went.")
    ] = None


class SeatListQuery(SeatsQuery, frozen=True):
    """And which page of them."""

    after: Annotated[str | None, Meta(description="The `next` of a page, to go on.")] = None
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


@app.page(f"/api/v1/events/{EVENT}/seats", name="api_event_seats")
class EventSeats(View):
    """Seats by `state` (on_sale, gone), `section`, `source`, `at_least`, `at_most`, in a `sort`."""

    @described(
        tag="events",
        summary="The seats of an event, on sale or gone.",
        path=PATH,
        query=SeatListQuery,
        reads_query_itself=True,
        answer=SeatList,
    )
    async def get(self, request: Request, event_id: str) -> Response:
        """A page of seats."""
        limit = number_of(request, "limit", DEFAULT_LIMIT, MAX_LIMIT)

        def work(asked: Asked) -> SeatList:
            return event_reading.seats(asked, _wanted(request, asked, limit))

        found = await read(request, event_id, work)
        return self.bytes(encode(found), content_type="application/json")


@app.page(f"/api/v1/events/{EVENT}/seats.csv", name="api_event_seats_csv")
class EventSeatsCsv(View):
    """All of these seats as a file for a spreadsheet."""

    @described(
        tag="events",
        summary="All of these seats as a file for a spreadsheet.",
        path=PATH,
        query=SeatsQuery,
        reads_query_itself=True,
        answer=str,
        media=("text/csv",),
        is_stream=True,
    )
    async def get(self, request: Request, event_id: str) -> Response:
        """A line for each."""
        file = await _file(request, event_id, "csv")
        parts = _parts(file, _as_csv, csv_lines([_COLUMNS]).encode())
        kind = "text/csv; charset=utf-8"
        return await send_file(request, file.name, kind, parts, is_cut=file.is_cut)


@app.page(f"/api/v1/events/{EVENT}/seats.json", name="api_event_seats_json")
class EventSeatsJson(View):
    """All of these seats as a file of JSON."""

    @described(
        tag="events",
        summary="All of these seats as a file of JSON.",
        path=PATH,
        query=SeatsQuery,
        reads_query_itself=True,
        answer=list[SeatShown],
        is_stream=True,
    )
    async def get(self, request: Request, event_id: str) -> Response:
        """A list, one seat a line."""
        file = await _file(request, event_id, "json")
        parts = _parts(file, _as_json, b"[", b"\n]\n")
        kind = "application/json"
        return await send_file(request, file.name, kind, parts, is_cut=file.is_cut)


def _wanted(request: Request, asked: Asked, limit: int) -> SeatFilter:
    return seats_asked(request.query, asked.facts.event_id, asked.market.currency, limit)


async def _file(request: Request, event_id: str, ending: str) -> _File:
    def work(asked: Asked) -> _File:
        wanted = _wanted(request, asked, MOST_SEATS + 1)
        keys = read_keys(asked.cursor, wanted)
        name = file_name(event_id, f"seats-{wanted.state}", asked.now, ending)
        is_cut = len(keys) > MOST_SEATS
        return _File(name, wanted.state, asked.now, keys[:MOST_SEATS], is_cut)

    return await read(request, event_id, work)


async def _parts(
    file: _File, write: Writer, begin: bytes, end: bytes = b""
) -> AsyncIterator[bytes]:
    """The file in parts, each of one moment: no connection is held for a client that is slow.

    They are written where they are read, in a thread: the loop has other things to do.
    """
    yield begin
    for start in range(0, len(file.keys), _AT_ONCE):
        keys = file.keys[start : start + _AT_ONCE]
        work = partial(_part, file=file, keys=keys, write=write, is_first=start == 0)
        yield await app.services.database.run(work)
    yield end


def _part(
    connection: Connection, file: _File, keys: list[bytes], write: Writer, *, is_first: bool
) -> bytes:
    with briefly(connection) as cursor:
        rows = read_by_keys(cursor, keys)
    return write(file, [seat_shown(each, file.state, file.now) for each in rows], is_first)


def _as_csv(file: _File, seats: list[SeatShown], is_first: bool) -> bytes:  # noqa: FBT001 one of two writers
    return csv_lines(_line(each, file.state) for each in seats).encode()


def _as_json(file: _File, seats: list[SeatShown], is_first: bool) -> bytes:  # noqa: FBT001 the other
    between = b",\n"
    lines = between.join(encode(each) for each in seats)
    return (b"\n" if is_first else between) + lines if lines else b""


def _line(seat: SeatShown, state: State) -> list[Cell]:
    change = seat.change
    figures: dict[str, Cell] = {
        "state": state,
        "change": None if change is None else change.amount,
        "change_percent": None if change is None else change.percent,
    }
    return [figures[name] if name in figures else getattr(seat, name) for name in _COLUMNS]
