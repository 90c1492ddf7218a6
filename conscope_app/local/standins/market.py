"""The market that both stand-ins sell: events that overlap between them, and prices that move.

All of it is a function of the seed and the moment that is asked about.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from conscope_app.local.standins.draws import share
from conscope_app.local.standins.shows import Show, Turn, draw_shows

_FEES = 1.18  # what a resale price is over what the organiser asks, before the market moves it
_MISLISTED = 0.000_3  # somebody mistypes a price: seatgeek/api-support#31 saw $17 for a Super Bowl
_DAY_S = 86_400


class Prices(NamedTuple):
    """What the listings cost, in cents, and how many there are."""

    lowest: int
    median: int
    average: int
    highest: int
    listings: int


@dataclass(frozen=True, kw_only=True)
class Market:
    """`events` shows within `days` of `opened_at`; a price holds for `price_step_s`."""

    seed: int
    events: int
    opened_at: datetime
    days: int = 180
    price_step_s: int = 1_800
    shows: tuple[Show, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        drawn = draw_shows(self.seed, self.events, self.opened_at, self.days)
        object.__setattr__(self, "shows", tuple(drawn))

    def prices(self, show: Show, turn: Turn, now: datetime) -> Prices | None:
        """What the listings cost at that moment; None where there are none."""
        if not turn.has_tickets or turn.starts_at is None:
            return None
        step = int((now - self.opened_at).total_seconds()) // self.price_step_s
        days_left = max((turn.starts_at - now).total_seconds() / _DAY_S, 0)
        # Sellers cut their prices as the evening comes near.
        trend = 0.65 + 0.35 * min(days_left, 60) / 60
        slow = 0.88 + 0.24 * share(self.seed, show.number, 20, step // 24)
        fast = 0.97 + 0.06 * share(self.seed, show.number, 21, step // 2)
        lowest = int(show.cents * _FEES * trend * slow * fast)
        listings = 4 + int(300 * share(self.seed, show.number, 22) * min(days_left, 90) / 90)
        listings += int(4 * share(self.seed, show.number, 23, step))
        median, highest = int(lowest * 1.45), int(lowest * 3.2)
        if share(self.seed, show.number, 24, step) < _MISLISTED:
            lowest //= 20
        return Prices(lowest, median, int(median * 1.1), highest, listings)

    def pairs(self) -> dict[str, str]:
        """Which of Ticketmaster's ids is the same event as which of SeatGeek's: the truth."""
        return {
            str(show.seatgeek_id): show.ticketmaster_id
            for show in self.shows
            if show.is_at_seatgeek and show.is_at_ticketmaster
        }
