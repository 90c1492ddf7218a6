"""What an adapter is: everything that is known of one vendor's interface, and no network.

The poller asks an adapter what to request, sends that, and hands the answer back to be read. So an
adapter is one file without I/O, and whatever has been answered once can be read again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from conscope_app.domains.tickets.market import MarketSnapshot
from conscope_app.domains.tickets.records import PriceEvent


class Request(NamedTuple):
    """A GET, without the key; `path` begins with a slash, `event_ids` are those it asks for."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    event_ids: tuple[str, ...] = ()


class Answer(NamedTuple):
    """What came back, with header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


class Reading(NamedTuple):
    """What an answer with status 200 says.

    `further` asks for the next page. `total` is how many events there are in all, as far as the
    vendor says. Where `is_cut` is true, more of them exist than paging reaches: the poller asks
    again for both halves of the time.
    """

    prices: Sequence[PriceEvent] = ()
    markets: Sequence[MarketSnapshot] = ()
    further: Request | None = None
    total: int | None = None
    is_cut: bool = False


class Allowance(NamedTuple):
    """How many requests the vendor says are left, and until when."""

    left: int
    resets_at: datetime | None = None


class Limits(NamedTuple):
    """How often the vendor may be asked, with one key."""

    per_second: float
    per_day: int | None = None


class Misread(Exception):
    """An answer has another shape than is documented; the message says where, and never a key."""


class Adapter(Protocol):
    """One vendor's interface. All methods depend on their arguments alone."""

    name: str
    base_url: str
    limits: Limits
    most_events_per_request: int

    def catalogue(self, begin: datetime, end: datetime) -> Request:
        """Asks for the first page of all events that take place from `begin` to before `end`."""

    def events(self, event_ids: Sequence[str]) -> Request:
        """Asks for those events, `most_events_per_request` of them at most."""

    def signed(self, request: Request, key: str) -> Request:
        """The same request with the key in it; it is never logged."""

    def read(self, request: Request, answer: Answer) -> Reading:
        """What the answer says; raises `Misread`. Only for answers with status 200."""

    def allowance(self, answer: Answer) -> Allowance | None:
        """What the answer's headers say of further requests, whatever its status is."""
