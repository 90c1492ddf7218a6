"""What `/api/v1/events/{event_id}/markets` and what is under it say."""

from datetime import datetime

import msgspec

from conscope_app.domains.tickets.market import EventFacts, Presale, Venue
from conscope_app.store.market.event_chart import Range
from conscope_app.store.tickets.market_lines import MarketLine
from conscope_app.store.tickets.market_reading import (
    EventChange,
    MarketDay,
    SeatsOnSale,
    Snapshot,
)


class PresaleShown(Presale, frozen=True, kw_only=True, omit_defaults=False):
    """A time in which some may buy before everybody else; nulls are not known."""


class VenueShown(Venue, frozen=True, kw_only=True, omit_defaults=False):
    """Where it takes place; `time_zone` is a name of the IANA's list, nulls are not known."""


class FactsShown(EventFacts, frozen=True, kw_only=True, omit_defaults=False):
    """Who, where and when. Moments are in UTC; dates and times of day are the venue's.

    Nulls are not known, or not announced yet. `url` is as the source wrote it: it may be anything.
    """

    venue: VenueShown
    presales: tuple[PresaleShown, ...] = ()


class MarketShown(Snapshot, frozen=True, kw_only=True):
    """What a source says of an event now. A figure that is left out it does not speak of.

    `facts` are those of the source; `url` is its page, where that can be linked to.
    """

    age_s: float
    simulated: bool
    facts: FactsShown
    url: str | None


class EventMarkets(msgspec.Struct, frozen=True):
    """An event at each source: itself, and the events of other ids that are one with it.

    `members` are their ids, its own first. `seats` are the single seats on sale of each. What two
    sources offer may be the same tickets: nothing of it is to be added up.
    """

    as_of: datetime
    event_id: str
    members: list[str]
    markets: list[MarketShown]
    seats: list[SeatsOnSale]


class MarketHistory(msgspec.Struct, frozen=True):
    """Some snapshots, the newest first; `next` goes on behind them (`after=`), if not null."""

    event_id: str
    snapshots: list[Snapshot]
    next: str | None


class ChangeShown(EventChange, frozen=True):
    """A change, and how it is told to people."""

    words: str


class EventChanges(msgspec.Struct, frozen=True):
    """Some changes, the newest first; `next` goes on behind them (`after=`), if not null."""

    event_id: str
    changes: list[ChangeShown]
    next: str | None


class MarketPrices(msgspec.Struct, frozen=True):
    """The chart of what sources said: a line for each source and kind of price, in one currency.

    `currency` is null where no source named a price; `currencies` are all in which one did. A point
    of a line holds until the next one, and where it is null no price is known from then on. Spans
    are `span_s` long; `left_out` counts lines for which there was no room. `changes` are the newest
    of those that a chart marks.
    """

    as_of: datetime
    event_id: str
    members: list[str]
    range: Range
    span_s: int
    currency: str | None
    currencies: list[str]
    series: list[MarketLine]
    left_out: int
    changes: list[ChangeShown]


class Sides(msgspec.Struct, frozen=True):
    """What the page shows of it: the same, with days and the newest changes."""

    markets: EventMarkets
    days: list[MarketDay]
    changes: list[ChangeShown]
