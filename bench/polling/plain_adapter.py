"""The adapter of the simulated vendors: as thin as an adapter can be."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from bench.polling.vendor import Body, Line, Manner
from conscope_app.domains.tickets.market import EventFacts, MarketSnapshot, Venue
from conscope_app.sources.adapter import Allowance, Answer, Limits, Misread, Reading, Request

_decode = msgspec.json.Decoder(Body).decode
_VENUE = Venue(name="Anywhere")


class PlainAdapter:
    """Reads what `Vendor` says; our id of an event is the vendor's name, a hyphen and its id."""

    def __init__(self, manner: Manner) -> None:
        self.name = manner.name
        self.base_url = "https://vendor.example"
        self.limits = Limits(manner.per_second, manner.per_day)
        self.most_events_per_request = manner.most_ids
        self._manner = manner
        self._prefix = f"{manner.name}-"

    def catalogue(self, begin: datetime, end: datetime) -> Request:
        """Asks for the first page of all that begin then."""
        span = (("begin", begin.isoformat()), ("end", end.isoformat()))
        return Request("/catalogue", (*span, ("page", "0")))

    def events(self, event_ids: Sequence[str]) -> Request:
        """Asks for these events."""
        ids = ",".join(each.removeprefix(self._prefix) for each in event_ids)
        return Request("/events", (("ids", ids),), tuple(event_ids))

    def signed(self, request: Request, key: str) -> Request:
        """The request with its key."""
        return request._replace(query=(*request.query, ("key", key)))

    def read(self, request: Request, answer: Answer) -> Reading:
        """The events of an answer."""
        try:
            body = _decode(answer.body)
        except msgspec.MsgspecError as error:
            raise Misread(str(error)) from error
        markets = [self._market(line, answer.received_at) for line in body.events]
        if request.path != "/catalogue":
            return Reading(markets=markets)
        page, size = int(dict(request.query)["page"]), self._manner.page
        further = None
        if (page + 1) * size < min(body.total, self._manner.reach):
            further = request._replace(query=(*request.query[:2], ("page", str(page + 1))))
        is_cut = body.total > self._manner.reach
        return Reading(markets=markets, further=further, total=body.total, is_cut=is_cut)

    def allowance(self, answer: Answer) -> Allowance | None:
        """What the headers say is left."""
        left = answer.headers.get("left")
        if left is None:
            return None
        return Allowance(int(left), datetime.fromisoformat(answer.headers["resets-at"]))

    def _market(self, line: Line, now: datetime) -> MarketSnapshot:
        return MarketSnapshot(
            event_id=f"{self._prefix}{line.id}",
            source=self.name,
            observed_at=now,
            facts=EventFacts(name=line.id, venue=_VENUE, starts_at=line.starts_at),
            currency="USD",
            lowest=Decimal(line.price),
        )
