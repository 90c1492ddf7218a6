"""What is known of each event that a source has, as far as it decides when to ask for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Literal, NamedTuple

import msgspec

from conscope_app.core.clock import EPOCH
from conscope_app.domains.tickets.market import MarketSnapshot, encode_snapshot
from conscope_app.domains.tickets.records import PriceEvent, encode
from conscope_app.sources.adapter import Reading

_DIGEST_BYTES = 8

# Asked for in vain so often, over an hour, an event is probably no more: what is kept back for
# milestones is not spent on it until it is seen again.
MISSES_TO_DOUBT = 6

Standing = Literal["open", "gone", "refused"]


@dataclass(slots=True)
class EventState:
    """One event at one source. It is stored, so that a restart goes on where the last one was.

    `seen_at` is when an answer last spoke of it, `asked_at` when it was last asked for, `misses`
    how often in a row in vain. `digest` stands for what was said of it, and `changed_at` is when
    that was last another than before. What is refused is not asked for by its id any more: walks
    through the catalogue may still see it.
    """

    event_id: str
    starts_at: datetime | None = None
    seen_at: datetime | None = None
    asked_at: datetime | None = None
    changed_at: datetime | None = None
    digest: bytes | None = None
    misses: int = 0
    standing: Standing = "open"

    def is_over(self, now: datetime) -> bool:
        """Whether it has begun: nobody buys a ticket for it any more."""
        return self.starts_at is not None and self.starts_at <= now

    def see(self, sight: "Sight | None", at: datetime) -> None:
        """An answer spoke of it; no sight: it said that nothing has changed."""
        self.asked_at = self.seen_at = at
        self.misses = 0
        if self.standing == "gone":
            self.standing = "open"
        if sight is None:
            return
        self.starts_at = sight.starts_at or self.starts_at
        if self.digest is not None and self.digest != sight.digest:
            self.changed_at = at
        self.digest = sight.digest

    def miss(self, at: datetime) -> None:
        """It was asked for, and the answer did not speak of it: that says nothing of it."""
        self.asked_at = at
        self.misses += 1


class Sight(NamedTuple):
    """What one answer says of one event."""

    starts_at: datetime | None
    digest: bytes


def sights(reading: Reading) -> Mapping[str, Sight]:
    """What an answer says of each event that it speaks of."""
    digests: dict[str, list[bytes]] = {}
    begins: dict[str, datetime | None] = {}
    for market in reading.markets:
        digests.setdefault(market.event_id, []).append(_of_market(market))
        begins[market.event_id] = market.facts.starts_at
    for price in reading.prices:
        digests.setdefault(price.event_id, []).append(_of_price(price))
    return {each: Sight(begins.get(each), _joined(said)) for each, said in digests.items()}


def _of_market(market: MarketSnapshot) -> bytes:
    return encode_snapshot(msgspec.structs.replace(market, observed_at=EPOCH))


def _of_price(price: PriceEvent) -> bytes:
    return encode(msgspec.structs.replace(price, timestamp=EPOCH))


def _joined(said: Iterable[bytes]) -> bytes:
    # Vendors list the same offers in another order each time.
    return blake2b(b"\n".join(sorted(said)), digest_size=_DIGEST_BYTES).digest()
