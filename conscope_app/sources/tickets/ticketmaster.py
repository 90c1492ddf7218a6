"""Ticketmaster's Discovery API, version 2: the sale calendar, the status, and a face-value range.

`priceRanges` is mostly missing, null or empty; then there is no price. What it holds is the range
of what the organiser asks, so there is a lowest and a highest and nothing between. Events whose
date is not announced are in no answer to a question about dates.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

from conscope_app.core.money import is_currency
from conscope_app.domains.tickets.market import (
    Amount,
    EventFacts,
    MarketSnapshot,
    Presale,
    PriceBasis,
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
from conscope_app.sources.tickets.allowances import counted, retry_after
from conscope_app.sources.tickets.payload import Text, Title, VendorId, WebAddress

EVENTS = "/discovery/v2/events.json"

# "We only support retrieving the 1000th item, i.e. (size * page < 1000)", with pages from 0:
# https://developer.ticketmaster.com/products-and-docs/apis/discovery-api/v2/. With 199 to a page,
# which is below the largest that is taken, the last page that may be asked for is the sixth.
_SIZE = 199
_DEPTH = 1_000

_STATUSES: dict[str, Status] = {
    "onsale": "on_sale",
    "offsale": "off_sale",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "postponed": "postponed",
    "rescheduled": "rescheduled",
}

# In the order in which they are believed to be what a ticket costs. Other kinds (resale, a VIP
# package) are no price of the event.
_BASES: dict[str, PriceBasis] = {"standard": "face_value", "standard including fees": "all_in"}


class _Range(msgspec.Struct):
    type: str | None = None
    currency: str | None = None
    min: Decimal | None = None
    max: Decimal | None = None


class _Window(msgspec.Struct, rename="camel"):
    name: Text | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None
    start_is_open: bool | None = field(default=None, name="startTBD")
    start_is_unannounced: bool | None = field(default=None, name="startTBA")


class _Sales(msgspec.Struct):
    public: _Window | None = None
    presales: list[_Window] | None = None


class _Start(msgspec.Struct, rename="camel"):
    local_date: date | None = None
    local_time: time | None = None
    date_time: datetime | None = None
    date_is_open: bool | None = field(default=None, name="dateTBD")
    date_is_unannounced: bool | None = field(default=None, name="dateTBA")
    time_is_unannounced: bool | None = field(default=None, name="timeTBA")
    no_specific_time: bool | None = None


class _Code(msgspec.Struct):
    code: str | None = None


class _Dates(msgspec.Struct):
    start: _Start | None = None
    timezone: Text | None = None
    status: _Code | None = None


class _Named(msgspec.Struct):
    name: Text | None = None


class _Place(msgspec.Struct, rename="camel"):
    name: Text | None = None
    state_code: Text | None = None
    country_code: Text | None = None


class _Location(msgspec.Struct):
    """Texts, as a rule."""

    latitude: str | float | None = None
    longitude: str | float | None = None


class _Venue(msgspec.Struct):
    id: VendorId | None = None
    name: Text | None = None
    timezone: Text | None = None
    city: _Named | None = None
    state: _Place | None = None
    country: _Place | None = None
    location: _Location | None = None


class _Within(msgspec.Struct):
    venues: list[_Venue] | None = None
    attractions: list[_Named] | None = None


class _Event(msgspec.Struct, kw_only=True):
    id: VendorId
    name: Title
    test: bool | None = None
    url: WebAddress | None = None
    dates: _Dates | None = None
    sales: _Sales | None = None
    price_ranges: list[_Range] | UnsetType | None = field(default=UNSET, name="priceRanges")
    within: _Within | None = field(default=None, name="_embedded")


class _Embedded(msgspec.Struct):
    events: list[msgspec.Raw] | None = None


class _Paging(msgspec.Struct, rename="camel"):
    number: Annotated[int, Meta(ge=0)]
    total_elements: Annotated[int, Meta(ge=0)]
    size: Annotated[int, Meta(ge=1)] = _SIZE  # the vendor may give smaller pages than asked for


class _Page(msgspec.Struct):
    page: _Paging
    embedded: _Embedded | None = field(default=None, name="_embedded")


_page = msgspec.json.Decoder(_Page)
_event = msgspec.json.Decoder(_Event)


class Ticketmaster:
    """What Ticketmaster is asked, and what its answers mean."""

    base_url = "https://app.ticketmaster.com"
    # 5 a second and 5,000 a day are documented; answers to questions speak of 2 a second.
    limits = Limits(per_second=2.0, per_day=5_000)
    # Ids have up to twenty characters: an address of two kilobytes is taken everywhere.
    most_events_per_request = 100

    def __init__(self, name: str = "ticketmaster") -> None:
        self.name = name  # that of a stand-in is another (`sources.registry`)

    def catalogue(self, begin: datetime, end: datetime) -> Request:
        """Asks for the first page of all events that take place from `begin` to before `end`."""
        last = payload.whole_second(end) - timedelta(seconds=1)  # both ends are included
        return _paged((("startDateTime", _zulu(begin)), ("endDateTime", _zulu(last))), page=0)

    def events(self, event_ids: Sequence[str]) -> Request:
        """Asks for those events; ids are the vendor's or ours. Raises `ValueError`."""
        theirs = payload.asked_ids(event_ids, self.name, self.most_events_per_request)
        return _paged((("id", ",".join(theirs)),), page=0)._replace(event_ids=tuple(event_ids))

    def signed(self, request: Request, key: str) -> Request:
        """The same request with the key in it."""
        return request._replace(query=(*request.query, ("apikey", Secret(key))))

    def read(self, request: Request, answer: Answer) -> Reading:
        """What the answer says; raises `Misread`. Only for answers with status 200."""
        page = payload.read_page(answer, _page)
        raws = (page.embedded.events if page.embedded else None) or []
        size, number, total = page.page.size, page.page.number, page.page.total_elements
        payload.check_page(request, page=number, first=0, total=total, has_events=bool(raws))
        found = payload.read_events(
            request,
            raws,
            _event,
            lambda event: self._translate(event, answer.received_at),
            self.name,
        )
        last_page = (_DEPTH - 1) // size
        has_more = number < last_page and (number + 1) * size < total
        return Reading(
            markets=found.markets,
            further=payload.page_after(request, number) if has_more else None,
            total=total,
            is_cut=total > (last_page + 1) * size,
            refused=found.refused,
        )

    def allowance(self, answer: Answer) -> Allowance | None:
        """What `Retry-After` says, else the `Rate-Limit-*` headers, which errors go without."""
        return retry_after(answer) or counted(answer, "rate-limit-available", "rate-limit-reset")

    def _translate(self, event: _Event, seen_at: datetime) -> MarketSnapshot | None:
        if event.test:
            return None
        asked = _asked(event.price_ranges)
        return MarketSnapshot(
            event_id=payload.our_id(self.name, event.id),
            source=self.name,
            observed_at=seen_at,
            facts=_facts(event),
            currency=asked.currency,
            basis=asked.basis,
            lowest=asked.lowest,
            highest=asked.highest,
        )


class _Asked(NamedTuple):
    """What the organiser asks, from the cheapest to the dearest kind of ticket."""

    lowest: Amount = None
    highest: Amount = None
    currency: str | None = None
    basis: PriceBasis | None = None


class _Span(NamedTuple):
    lowest: Decimal | None
    highest: Decimal | None
    currency: str


def _asked(ranges: list[_Range] | UnsetType | None) -> _Asked:
    if ranges is UNSET:
        return _Asked(UNSET, UNSET)
    for kind, basis in _BASES.items():
        spans = [
            _Span(_amount(one.min), _amount(one.max), one.currency)
            for one in ranges or ()
            if (one.type or "standard").casefold() == kind and one.currency is not None
        ]
        whole = _together([span for span in spans if is_currency(span.currency)])
        if whole is not None:
            return _Asked(whole.lowest, whole.highest, whole.currency, basis)
    return _Asked()


def _together(spans: list[_Span]) -> _Span | None:
    """One span over all in the currency of the first; None where there is no price in it."""
    priced = [span for span in spans if span.lowest or span.highest]
    same = [span for span in priced if span.currency == priced[0].currency]
    lowest = min((span.lowest for span in same if span.lowest), default=None)
    highest = max((span.highest for span in same if span.highest), default=None)
    if not same or (lowest and highest and lowest > highest):
        return None
    return _Span(lowest, highest, same[0].currency)


def _amount(written: Decimal | None) -> Decimal | None:
    amount = payload.price(written)
    return amount if isinstance(amount, Decimal) else None


def _facts(event: _Event) -> EventFacts:
    dates = event.dates or _Dates()
    start = dates.start or _Start()
    has_date = not (start.date_is_open or start.date_is_unannounced)
    has_time = has_date and not (start.time_is_unannounced or start.no_specific_time)
    day = start.local_date if has_date and payload.is_known(start.local_date) else None
    sales = event.sales or _Sales()
    public = sales.public or _Window()
    within = event.within or _Within()
    code = dates.status.code if dates.status else None
    return EventFacts(
        name=payload.title(event.name),
        venue=_venue(within.venues[0] if within.venues else _Venue(), dates.timezone),
        performers=tuple(
            name for one in within.attractions or () if (name := payload.known(one.name))
        ),
        starts_at=payload.moment(start.date_time) if has_time else None,
        local_date=day.isoformat() if day else None,
        local_time=f"{start.local_time:%H:%M}" if has_time and start.local_time else None,
        status=_STATUSES.get((code or "").casefold()),
        on_sale_at=_begin(public),
        off_sale_at=payload.moment(public.end_date_time),
        presales=tuple(
            Presale(
                name=payload.known(one.name) or "Presale",
                starts_at=_begin(one),
                ends_at=payload.moment(one.end_date_time),
            )
            for one in sales.presales or ()
        ),
        url=event.url,
    )


def _begin(window: _Window) -> datetime | None:
    if window.start_is_open or window.start_is_unannounced:
        return None
    return payload.moment(window.start_date_time)


def _venue(venue: _Venue, time_zone: str | None) -> Venue:
    location = venue.location or _Location()
    state, country = venue.state or _Place(), venue.country or _Place()
    return Venue(
        name=payload.known(venue.name) or "",
        vendor_id=venue.id,
        city=payload.known(venue.city.name) if venue.city else None,
        region=payload.known(state.state_code) or payload.known(state.name),
        country=payload.known(country.country_code) or payload.known(country.name),
        # The event's own is often missing, its venue's hardly ever.
        time_zone=payload.known(time_zone) or payload.known(venue.timezone),
        latitude=payload.coordinate(location.latitude, 90),
        longitude=payload.coordinate(location.longitude, 180),
    )


def _paged(query: tuple[tuple[str, str], ...], page: int) -> Request:
    how = (
        # Otherwise events in other languages are left out.
        ("locale", "en-us,en,*"),
        # By id, so that an event that is moved meanwhile does not jump over a page.
        ("sort", "id,asc"),
        ("size", str(_SIZE)),
        ("page", str(page)),
    )
    return Request(EVENTS, (*query, *how))


def _zulu(at: datetime) -> str:
    return payload.whole_second(at).strftime("%Y-%m-%dT%H:%M:%SZ")
