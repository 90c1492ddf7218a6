"""What a source says of an event as a whole: its facts, and sums over its tickets.

It travels on `market_snapshots`, under the event's id. Vendors leave out what they used to fill in:
a field that is not there (`UNSET`) says that the source does not speak of it, null that it speaks
of it and has none. Neither is ever a price of 0.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from conscope_app.domains.tickets.records import Identity, Name, Url

# What is sold, as far as the vendor says so; "scheduled" is neither on sale nor any of the others.
Status = Literal["scheduled", "on_sale", "off_sale", "postponed", "rescheduled", "cancelled"]
Availability = Literal["available", "few_left", "none_left"]

# What a price holds: all that is paid, what is listed before fees, or what the organiser asks.
PriceBasis = Literal["all_in", "listed", "face_value"]

Amount = Decimal | None | UnsetType
Count = Annotated[int, Meta(ge=0)] | None | UnsetType


class Presale(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A time in which some may buy before everybody else."""

    name: Name
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class Venue(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Where it takes place; `time_zone` is a name of the IANA's list."""

    name: Name
    vendor_id: Name | None = None
    city: Name | None = None
    region: Name | None = None
    country: Name | None = None
    time_zone: Name | None = None
    latitude: float | None = None
    longitude: float | None = None


class EventFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who, where and when. Moments are aware, in UTC; dates and times of day are the venue's.

    `local_date` is YYYY-MM-DD, `local_time` HH:MM; either is null where it is not announced yet,
    and `starts_at` where the moment does not follow from them.
    """

    name: Name
    venue: Venue
    performers: tuple[Name, ...] = ()
    starts_at: datetime | None = None
    local_date: Name | None = None
    local_time: Name | None = None
    status: Status | None = None
    on_sale_at: datetime | None = None
    off_sale_at: datetime | None = None
    presales: tuple[Presale, ...] = ()
    url: Url | None = None


class MarketSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """One look of one source at one event.

    `event_id` is ours: the source's name, a hyphen and the vendor's id. Prices are in `currency`,
    which is null where there is none of them.
    """

    event_id: Identity
    source: Identity
    observed_at: datetime
    facts: EventFacts
    currency: Name | None = None
    basis: PriceBasis | None = None
    lowest: Amount = UNSET
    median: Amount = UNSET
    average: Amount = UNSET
    highest: Amount = UNSET
    listing_count: Count = UNSET
    availability: Availability | UnsetType | None = UNSET


encode_snapshot = msgspec.json.Encoder(decimal_format="number").encode
decode_snapshot = msgspec.json.Decoder(MarketSnapshot).decode
