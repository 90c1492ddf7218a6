"""An event as Ticketmaster writes it, and what it says of the market.

`priceRanges` is mostly missing, null or empty; then there is no price. What it holds is the range
of what the organiser asks, so there is a lowest and a highest and nothing between.
"""

from datetime import date, datetime, time
from decimal import Decimal
from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType, field

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
from conscope_app.sources.tickets import payload
from conscope_app.sources.tickets.payload import Text, Title, VendorId, WebAddress

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


class Event(msgspec.Struct, kw_only=True):
    """What we read of an event."""

    id: VendorId
    name: Title
    test: bool | None = None
    url: WebAddress | None = None
    dates: _Dates | None = None
    sales: _Sales | None = None
    price_ranges: list[_Range] | UnsetType | None = field(default=UNSET, name="priceRanges")
    within: _Within | None = field(default=None, name="_embedded")


decoder = msgspec.json.Decoder(Event)


def snapshot_of(event: Event, source: str, seen_at: datetime) -> MarketSnapshot | None:
    """What it says of the market; None of what the vendor only tests with."""
    if event.test:
        return None
    asked = _asked(event.price_ranges)
    return MarketSnapshot(
        event_id=payload.our_id(source, event.id),
        source=source,
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


def _facts(event: Event) -> EventFacts:
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
