"""A simulated ticket market: the same seats, seen again and again, at prices that move.

Each round shows every seat once, in a new order. The first round shows the initial prices; from
then on 60% of the observations are drops (2-10%), 10% are rises (5-15%) and the rest is flat. A
seat whose drop would end below the floor of $20 is offered anew instead, at a fresh price of its
section: that is a rise, so the market owes a drop for it, and the next rise that the dice give
becomes that drop. The mix stays what it is said to be, and the market never ends at its floor.

Everything follows from the seed, except for the times, which are handed in. Amounts are counted in
whole cents, so that they are exact and never move by less than they are said to.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import NamedTuple

from conscope_app.domains.tickets.records import Kind, PriceEvent
from conscope_app.sources.base import Observation, outgoing
from conscope_app.sources.tickets.mock_events import MockEvent, mock_events

SOURCE = "mock-simulated"
NOTES = "simulated: not a real offer"
FLOOR_CENTS = 20_00
DROP_SHARE, RISE_SHARE = 0.60, 0.10
DROP_PERCENT, RISE_PERCENT = (2, 10), (5, 15)
FEE_BASIS_POINTS = (10_00, 20_00)

_SPOTS_A_ROW = 15  # each is a pair of neighbours, or the single seat that is left of one
_MIN_ROWS = 30
_PAIR_SHARE = 0.4
_DELIVERY_METHODS = ("mobile", "electronic", "instant", "will call")


class Section(NamedTuple):
    """A part of the house and the band, in dollars, that its prices are drawn from."""

    name: str
    cheapest: int
    dearest: int


SECTIONS = (
    *(Section(name, 300, 800) for name in ("Floor A", "Floor B", "VIP 1", "VIP 2")),
    *(Section(f"Lower {number}", 150, 400) for number in range(101, 107)),
    *(Section(f"Club {number}", 150, 400) for number in range(201, 205)),
    *(Section(f"Upper {number}", 50, 200) for number in range(301, 309)),
)


@dataclass(slots=True)
class Offer:
    """One listing of one seat (or pair of seats) and what it cost when it was last seen."""

    event: PriceEvent
    section: Section
    fee_basis_points: int
    cents: int = 0  # not seen yet

    def show(self, cents: int, now: datetime) -> PriceEvent:
        """The offer at this price; its share of fees never changes."""
        self.cents = cents
        fees = (cents * self.fee_basis_points + 50_00) // 100_00
        event = self.event
        event.price = _dollars(cents)
        event.fees = _dollars(fees)
        event.total_price = _dollars(cents + fees)
        event.timestamp = now
        return event


class MockMarket:
    """The mock source: an endless sequence of observations that the seed determines."""

    def __init__(self, *, seed: int, events: int, seats: int, opened_at: datetime) -> None:
        self._random = Random(seed)
        self._offers = [
            offer
            for event in mock_events(events)
            for offer in _draw_offers(event, seats, Random(f"{seed}/{event.event_id}"), opened_at)
        ]
        self._next = len(self._offers)
        self._now = opened_at
        self._drops_owed = 0

    def take(self, count: int, now: datetime) -> list[Observation]:
        """The next `count` observations, seen at `now` (or at the last one, if that was later)."""
        self._now = max(self._now, now)
        return [self._observe(self._next_offer()) for _ in range(count)]

    def _next_offer(self) -> Offer:
        if self._next == len(self._offers):
            self._random.shuffle(self._offers)
            self._next = 0
        offer = self._offers[self._next]
        self._next += 1
        return offer

    def _observe(self, offer: Offer) -> Observation:
        if offer.cents == 0:
            move: Kind = "new"
            cents = self._fresh_price(offer.section)
        else:
            move, cents = self._move(offer)
        return Observation(outgoing(offer.show(cents, self._now)), move)

    def _move(self, offer: Offer) -> tuple[Kind, int]:
        dice = self._random.random()
        if dice < DROP_SHARE:
            dropped = offer.cents - self._part_of(offer.cents, DROP_PERCENT)
            if dropped >= FLOOR_CENTS:
                return "drop", dropped
            self._drops_owed += 1
            return "rise", self._fresh_price(offer.section)
        if dice < DROP_SHARE + RISE_SHARE:
            dropped = offer.cents - self._part_of(offer.cents, DROP_PERCENT)
            if self._drops_owed and dropped >= FLOOR_CENTS:
                self._drops_owed -= 1
                return "drop", dropped
            return "rise", offer.cents + self._part_of(offer.cents, RISE_PERCENT)
        return "same", offer.cents

    def _part_of(self, cents: int, percent: tuple[int, int]) -> int:
        """A part of the price within the two percentages, both of them rounded inwards."""
        least = -(-cents * percent[0] // 100)
        return self._random.randint(least, cents * percent[1] // 100)

    def _fresh_price(self, section: Section) -> int:
        return self._random.randint(section.cheapest * 100, section.dearest * 100)


def _draw_offers(event: MockEvent, count: int, random: Random, now: datetime) -> list[Offer]:
    # At most half of the house is on offer, so that drawing a spot that is still free stays quick.
    rows = max(_MIN_ROWS, -(-2 * count // (len(SECTIONS) * _SPOTS_A_ROW)))
    spots = random.sample(range(len(SECTIONS) * rows * _SPOTS_A_ROW), count)
    event_date = event.starts_at(now).isoformat().replace("+00:00", "Z")
    return [
        _offer(event, event_date, random, number, divmod(spot, rows * _SPOTS_A_ROW), now)
        for number, spot in enumerate(spots, start=1)
    ]


def _offer(
    event: MockEvent,
    event_date: str,
    random: Random,
    number: int,
    place: tuple[int, int],
    now: datetime,
) -> Offer:
    section = SECTIONS[place[0]]
    row, spot = divmod(place[1], _SPOTS_A_ROW)
    is_pair = random.random() < _PAIR_SHARE
    left = 2 * spot + 1
    listing_id = f"mock-{event.event_id}-{number}"
    return Offer(
        section=section,
        fee_basis_points=random.randint(*FEE_BASIS_POINTS),
        event=PriceEvent(
            event_id=event.event_id,
            event_name=event.name,
            venue=event.venue,
            event_date=event_date,
            source=SOURCE,
            section=section.name,
            row=str(row + 1),
            seat=f"{left}-{left + 1}" if is_pair else str(left),
            price=Decimal(0),
            timestamp=now,
            listing_id=listing_id,
            # A name that is reserved for examples: nobody can be sent to a real shop by mistake.
            listing_url=f"https://example.com/simulated/{listing_id}",
            quantity=2 if is_pair else 1,
            delivery_method=random.choice(_DELIVERY_METHODS),
            seller_notes=NOTES,
        ),
    )


def _dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
