"""How many messages a channel may get: never more than a number in any minute, spread out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)

# A sixth of a minute's messages may go out at once. For the default of 30 that is five, which is
# what a Discord webhook takes in two seconds (discord-api-docs#367); the other 25 come one by one,
# so that a burst does not make later alerts wait for the end of the minute.
BURST_SHARE = 6


@dataclass(frozen=True, slots=True)
class Spent:
    """Places taken, and since when they are being given back. Postgres keeps both."""

    places: int = 0
    since: datetime | None = None


NOTHING_SPENT = Spent()


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `per_minute` messages in any sixty seconds.

    There are `burst` places. A message takes one; one is given back each `gap`. In any sixty
    seconds that lets through at most the burst and what is given back meanwhile, `per_minute` in
    all; and a quiet channel can always send at once.
    """

    per_minute: int

    @property
    def burst(self) -> int:
        """Messages that may follow each other at once."""
        return max(1, self.per_minute // BURST_SHARE)

    @property
    def gap(self) -> timedelta:
        """The time in which one place is given back, rounded up to the clock's microsecond."""
        return -(-MINUTE // (self.per_minute - self.burst + 1) // timedelta.resolution) * (
            timedelta.resolution
        )

    def settle(self, spent: Spent, now: datetime) -> Spent:
        """What is still taken at `now`. A clock that went backwards gives nothing back."""
        if spent.since is None or spent.places == 0:
            return NOTHING_SPENT
        returned = max(0, (now - spent.since) // self.gap)
        if returned >= spent.places:
            return NOTHING_SPENT
        return Spent(spent.places - returned, spent.since + returned * self.gap)

    def places_left(self, spent: Spent, now: datetime) -> int:
        """How many messages may be sent at once, now."""
        return max(0, self.burst - self.settle(spent, now).places)

    def next_place_at(self, spent: Spent, now: datetime) -> datetime:
        """When the next message may be sent; `now` if one may be sent already."""
        taken = self.settle(spent, now)
        if taken.places < self.burst or taken.since is None:
            return now
        return taken.since + (taken.places - self.burst + 1) * self.gap

    def spend(self, spent: Spent, now: datetime) -> Spent:
        """The budget after one more message, sent at `now`."""
        taken = self.settle(spent, now)
        return Spent(taken.places + 1, taken.since or now)
