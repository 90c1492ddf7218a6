"""SeatGeek's Platform API, version 2: events, and sums over the listings of each.

There are no single listings, and `stats` has been `{}` since May 2024 (seatgeek/api-support#166):
then there is no price, which is not a price of 0. Events that are cancelled are left out of every
answer (api-support#52, #103), so one that was asked for and is not there may be.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from conscope_app.domains.tickets.market import (
    Count,
    EventFacts,
    MarketSnapshot,
    Status,
    Venue,
)
from conscope_app.sources.adapter import (
    Allowance,
    Answer,
    Limits,
    Reading,
    Request,
    Secret,
)
from conscope_app.sources.tickets import payload
from conscope_app.sources.tickets.allowances import retry_after
from conscope_app.sources.tickets.payload import Price, Text, Title, VendorId, WebAddress

EVENTS = "/2/events"

# The largest page that is certain: asked for more, the vendor came down to 50 without a word
# (api-support#158). The documented maximum is 5,000 (#12).
_PER_PAGE = 50
# Past the 10,000th event a page is empty, and says that there are none at all (api-support#63).
_REACH = 10_000

# The API knows no other (api-support#109), and has no field for it.
_CURRENCY = "USD"

# Only `normal` is documented; the others are what is said of an event that is still listed.
_STATUSES: dict[str, Status] = {
    "normal": "scheduled",
    "postponed": "postponed",
    "rescheduled": "rescheduled",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}


class _Location(msgspec.Struct):
    lat: float | None = None
    lon: float | None = None


class _Venue(msgspec.Struct, kw_only=True):
    id: int | VendorId | None = None
    name: Title
    city: Text | None = None
    state: Text | None = None
    country: Text | None = None
    timezone: Text | None = None
    location: _Location | None = None


class _Performer(msgspec.Struct):
    name: Title


class _Stats(msgspec.Struct):
    """Filled, null or absent, each on its own."""

    lowest_price: Price = UNSET
    median_price: Price = UNSET
    average_price: Price = UNSET
    highest_price: Price = UNSET
    listing_count: Count = UNSET


class _Event(msgspec.Struct, kw_only=True):
    """Moments are naive: `_utc` in UTC, `_local` at the venue. Where they are "to be determined"
    they hold a placeholder (03:30 at the venue), so the flags come first.
    """

    id: Annotated[int, Meta(ge=1)] | VendorId
    title: Title
    venue: _Venue
    performers: list[_Performer] | None = None
    datetime_utc: datetime | None = None
    datetime_local: datetime | None = None
    datetime_tbd: bool | None = None
    date_tbd: bool | None = None
    time_tbd: bool | None = None
    status: str | None = None
    url: WebAddress | None = None
    stats: _Stats | UnsetType | None = UNSET


class _Meta(msgspec.Struct):
    total: Annotated[int, Meta(ge=0)]
    page: Annotated[int, Meta(ge=1)]
    per_page: Annotated[int, Meta(ge=1)]


class _Page(msgspec.Struct):
    events: list[msgspec.Raw]
    meta: _Meta


_page = msgspec.json.Decoder(_Page)
_event = msgspec.json.Decoder(_Event)


class SeatGeek:
    """What SeatGeek is asked, and what its answers mean."""

    base_url = "https://api.seatgeek.com"
    # No limit is documented; "please be wary and throttle" (api-support#161). This is our own.
    limits = Limits(per_second=1.0, per_day=5_000)
    most_events_per_request = _PER_PAGE

    def __init__(self, name: str = "seatgeek") -> None:
        self.name = name  # that of a stand-in is another (`sources.registry`)

    def catalogue(self, begin: datetime, end: datetime) -> Request:
        """Asks for the first page of all events that take place from `begin` to before `end`."""
        return _paged(
            (
                ("datetime_utc.gte", _naive(begin)),
                ("datetime_utc.lt", _naive(end)),
                # By id, so that an event that is moved meanwhile does not jump over a page.
                ("sort", "id.asc"),
            ),
            page=1,
        )

    def events(self, event_ids: Sequence[str]) -> Request:
        """Asks for those events; ids are the vendor's or ours. Raises `ValueError`."""
        theirs = payload.asked_ids(event_ids, self.name, self.most_events_per_request)
        return _paged((("id", ",".join(theirs)),), page=1)._replace(event_ids=tuple(event_ids))

    def signed(self, request: Request, key: str) -> Request:
        """The same request with the client's id in it."""
        return request._replace(query=(*request.query, ("client_id", Secret(key))))

    def read(self, request: Request, answer: Answer) -> Reading:
        """What the answer says; raises `Misread`. Only for answers with status 200."""
        page = payload.read_page(answer, _page)
        meta = page.meta
        payload.check_page(
            request, page=meta.page, first=1, total=meta.total, has_events=bool(page.events)
        )
        found = payload.read_events(
            request,
            page.events,
            _event,
            lambda event: self._translate(event, answer.received_at),
            self.name,
        )
        has_more = meta.page * meta.per_page < min(meta.total, _REACH)
        return Reading(
            markets=found.markets,
            further=payload.page_after(request, meta.page) if has_more else None,
            total=meta.total,
            is_cut=meta.total > _REACH,
            refused=found.refused,
        )

    def allowance(self, answer: Answer) -> Allowance | None:
        """No header is documented; `Retry-After` is honoured where there is one."""
        return retry_after(answer)

    def _translate(self, event: _Event, seen_at: datetime) -> MarketSnapshot:
        stats = event.stats if isinstance(event.stats, _Stats) else _Stats()
        lowest, median = payload.price(stats.lowest_price), payload.price(stats.median_price)
        average, highest = payload.price(stats.average_price), payload.price(stats.highest_price)
        is_priced = any((lowest, median, average, highest))
        return MarketSnapshot(
            event_id=payload.our_id(self.name, str(event.id)),
            source=self.name,
            observed_at=seen_at,
            facts=_facts(event),
            currency=_CURRENCY if is_priced else None,
            # Fees are included (api-support#164).
            basis="all_in" if is_priced else None,
            lowest=lowest,
            median=median,
            average=average,
            highest=highest,
            listing_count=stats.listing_count,
        )


def _facts(event: _Event) -> EventFacts:
    has_date = not (event.date_tbd or event.datetime_tbd)
    has_time = has_date and not event.time_tbd
    local = event.datetime_local if payload.is_known(event.datetime_local) else None
    return EventFacts(
        name=payload.title(event.title),
        venue=_venue(event.venue),
        performers=tuple(
            name for one in event.performers or () if (name := payload.one_line(one.name))
        ),
        starts_at=payload.moment(event.datetime_utc) if has_time else None,
        local_date=f"{local:%Y-%m-%d}" if local is not None and has_date else None,
        local_time=f"{local:%H:%M}" if local is not None and has_time else None,
        status=_STATUSES.get((event.status or "").casefold()),
        url=event.url,
    )


def _venue(venue: _Venue) -> Venue:
    location = venue.location or _Location()
    return Venue(
        name=payload.one_line(venue.name),
        vendor_id=None if venue.id is None else str(venue.id),
        city=payload.known(venue.city),
        region=payload.known(venue.state),
        country=payload.known(venue.country),
        time_zone=payload.known(venue.timezone),
        latitude=payload.coordinate(location.lat, 90),
        longitude=payload.coordinate(location.lon, 180),
    )


def _paged(query: tuple[tuple[str, str], ...], page: int) -> Request:
    return Request(EVENTS, (*query, ("per_page", str(_PER_PAGE)), ("page", str(page))))


def _naive(at: datetime) -> str:
    return payload.whole_second(at).strftime("%Y-%m-%dT%H:%M:%S")
