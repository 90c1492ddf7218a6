"""Events that are announced, change their prices and take place, as functions of the time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

OPENED_AT = datetime(2026, 3, 2, tzinfo=UTC)

# A season ahead, of which the simulated month sees the first part.
FURTHEST_DAYS = 120


@dataclass(frozen=True, slots=True)
class MarketEvent:
    """An event at one vendor. `is_faulty`: a request that names it is refused as invalid."""

    id: str
    starts_at: datetime
    announced_at: datetime
    price_changes: timedelta
    lowest: int
    withdrawn_at: datetime | None = None
    is_faulty: bool = False

    def is_listed(self, now: datetime) -> bool:
        """Whether the vendor knows it at that moment."""
        return self.announced_at <= now and (self.withdrawn_at is None or now < self.withdrawn_at)

    def version(self, now: datetime) -> int:
        """Counts the changes of its price."""
        return (now - self.announced_at) // self.price_changes

    def price(self, now: datetime) -> Decimal:
        """The lowest price, another one with each version."""
        return Decimal(self.lowest + self.version(now) * 7 % 60)


def a_market(count: int, random: Random, days: int = FURTHEST_DAYS) -> list[MarketEvent]:
    """So many events; most begin in the evening at a full or half hour, somewhere."""
    return [_an_event(number, random, days) for number in range(count)]


def _an_event(number: int, random: Random, days: int) -> MarketEvent:
    evening = timedelta(minutes=30 * random.randint(36, 42))
    zone = timedelta(hours=random.choice((0, 4, 5, 6, 7, 8)))
    starts_at = OPENED_AT + timedelta(days=random.randrange(days)) + evening + zone
    announced_at = OPENED_AT - timedelta(days=30)
    if random.random() < 0.2:
        announced_at = OPENED_AT + random.random() * (starts_at - OPENED_AT)
    withdrawn_at = None
    if random.random() < 0.02:
        withdrawn_at = announced_at + random.random() * (starts_at - announced_at)
    return MarketEvent(
        id=f"v{number}",
        starts_at=starts_at,
        announced_at=announced_at,
        price_changes=timedelta(hours=random.choice((1, 3, 12, 48, 240))),
        lowest=random.randint(20, 400),
        withdrawn_at=withdrawn_at,
        is_faulty=random.random() < 0.005,
    )
