"""Ticketmaster's Discovery API, version 2: the sale calendar, the status, and a face-value range.

Events whose date is not announced are in no answer to a question about dates. What an event says is
in `ticketmaster_event`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta, field

from conscope_app.sources.adapter import (
    Allowance,
    Answer,
    Limits,
    Reading,
    Request,
    Secret,
)
from conscope_app.sources.tickets import payload, ticketmaster_event
from conscope_app.sources.tickets.allowances import counted, retry_after

EVENTS = "/discovery/v2/events.json"

# "We only support retrieving the 1000th item, i.e. (size * page < 1000)", with pages from 0:
# https://developer.ticketmaster.com/products-and-docs/apis/discovery-api/v2/. With 199 to a page,
# which is below the largest that is taken, the last page that may be asked for is the sixth.
_SIZE = 199
_DEPTH = 1_000


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
            ticketmaster_event.decoder,
            lambda event: ticketmaster_event.snapshot_of(event, self.name, answer.received_at),
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
