"""What an adapter is: everything that is known of one vendor's interface, and no network.

The poller asks an adapter what to request, sends that, and hands the answer back to be read. So an
adapter is one file without I/O, and whatever has been answered once can be read again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from conscope_app.domains.tickets.market import MarketSnapshot
from conscope_app.domains.tickets.records import PriceEvent


class Secret(str):
    """A key. It is sent as the text it is; whatever shows it by its `repr` shows none of it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "[secret]"


class Request(NamedTuple):
    """A GET; `path` begins with a slash, `event_ids` are those it asks for, as they were handed in.

    `headers` are sent beside the poller's own; names in lower case. `page` counts from the first
    one, so that whoever asks for a further one can stop. Only a request that was signed holds a
    key, as a `Secret` in its query or headers.
    """

    path: str
    query: tuple[tuple[str, str], ...] = ()
    event_ids: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    page: int = 1


class Answer(NamedTuple):
    """What came back, with header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


class Refusal(NamedTuple):
    """What of an answer was not taken: a whole event, or a field of one (`stats.lowest_price`).

    `event_id` is ours, null where even that cannot be read. A field that was refused counts as one
    that is not there (of a feed's item, none can be missed: the whole is refused); an event that
    was refused is there, and is not said to be gone.
    """

    event_id: str | None
    field: str | None
    why: str


class Reading(NamedTuple):
    """What an answer with status 200 says.

    `further` asks for the next page. `total` is how many events there are in all, as far as the
    vendor says. Where `is_cut` is true, more of them exist than paging reaches: the poller asks
    again for both halves of the time, and need not ask for `further` then. `refused` is what could
    not be read beside what could.
    """

    prices: Sequence[PriceEvent] = ()
    markets: Sequence[MarketSnapshot] = ()
    further: Request | None = None
    total: int | None = None
    is_cut: bool = False
    refused: Sequence[Refusal] = ()


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
        """Asks for those events, `most_events_per_request` of them at most.

        They are the vendor's ids, or ours (`MarketSnapshot.event_id`). Raises `ValueError` for
        none, for too many and for what is no id.
        """

    def signed(self, request: Request, key: str) -> Request:
        """The same request with the key in it, as a `Secret`; its address is never logged."""

    def read(self, request: Request, answer: Answer) -> Reading:
        """What the answer says. Only for answers with status 200.

        One event that cannot be read is among `refused`; raises `Misread` where nothing can be.
        """

    def allowance(self, answer: Answer) -> Allowance | None:
        """What the answer's headers say of further requests, whatever its status is."""
