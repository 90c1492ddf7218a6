"""A small adapter, and answers for it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from conscope_app.domains.tickets.market import EventFacts, MarketSnapshot, Venue
from conscope_app.domains.tickets.records import PriceEvent
from conscope_app.sources.adapter import Allowance, Answer, Limits, Misread, Reading, Request

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Item(NamedTuple):
    """An event of an answer."""

    id: str
    starts_at: datetime | None = None
    price: Decimal | None = None


class SmallAdapter:
    """Answers are lists of items; ids are ours as they are."""

    base_url = "https://small.example"
    most_events_per_request = 4

    def __init__(
        self, per_second: float = 10, per_day: int | None = 1_000, *, name: str = "small"
    ) -> None:
        self.name = name
        self.limits = Limits(per_second, per_day)

    def catalogue(self, begin: datetime, end: datetime) -> Request:
        return Request("/all", (("from", begin.isoformat()), ("to", end.isoformat())))

    def events(self, event_ids: Sequence[str]) -> Request:
        return Request("/some", (("ids", ",".join(event_ids)),), tuple(event_ids))

    def signed(self, request: Request, key: str) -> Request:
        return request._replace(query=(*request.query, ("key", key)))

    def read(self, request: Request, answer: Answer) -> Reading:
        try:
            items = msgspec.json.decode(answer.body, type=list[Item])
        except msgspec.MsgspecError as error:
            raise Misread(str(error)) from error
        markets = [self._market(item, answer.received_at) for item in items]
        prices = [self._price(item, answer.received_at) for item in items if item.price]
        return Reading(prices=prices, markets=markets)

    def allowance(self, answer: Answer) -> Allowance | None:
        left = answer.headers.get("left")
        return None if left is None else Allowance(int(left), NOON + timedelta(days=1))

    def _market(self, item: Item, now: datetime) -> MarketSnapshot:
        facts = EventFacts(name=item.id, venue=Venue(name="Hall"), starts_at=item.starts_at)
        return MarketSnapshot(
            event_id=item.id, source=self.name, observed_at=now, facts=facts, lowest=item.price
        )

    def _price(self, item: Item, now: datetime) -> PriceEvent:
        assert item.price is not None
        return PriceEvent(
            event_id=item.id,
            event_name=item.id,
            venue="Hall",
            event_date=None,
            source=self.name,
            section="A",
            row="1",
            seat="1",
            price=item.price,
            timestamp=now,
        )


def an_answer(*items: Item, at: datetime = NOON, status: int = 200, **headers: Any) -> Answer:
    """An answer with these items."""
    return Answer(status, headers, msgspec.json.encode(items), at)
