"""Events as sources see them as a whole: on sale, sold out, moved, cancelled, and on sale again.

All chance comes from the dice, and all times from who asks. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import msgspec

from conscope_app.sources.base import Outgoing

EVENTS, SOURCES = 12, ("seatgeek", "other")

# Of a hundred looks so many are seen late, cannot be read, or come under a key of their own.
LATE, BAD, FOREIGN = 6, 2, 3

_ODD = (b"no json", b"[]", b'{"event_id": "of nothing else"}')
_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True)
class _Show:
    """What a source knows of an event now."""

    name: str
    place: str = "A Hall"
    status: str | None = "scheduled"
    day: int = 10
    opens_in_s: float = 20.0
    listings: int | None = None
    few: bool = False
    cents: int | None = 50_00
    presales: tuple[str, ...] = ()


class SimulatedEvents:
    """An endless sequence of looks, one event at one source after the other."""

    def __init__(self, dice: Random, opened_at: datetime) -> None:
        self._dice = dice
        self._opened_at = opened_at
        self._shows = {
            (f"{source}-{number}", source): _Show(f"{source.title()} show {number}")
            for number in range(EVENTS)
            for source in SOURCES
        }
        self._all = list(self._shows)

    def look(self, now: datetime) -> Outgoing:
        """The next record; now and then a bad one, a late one, or one under a foreign key."""
        dice = self._dice
        roll = dice.randrange(100)
        at = dice.choice(self._all)
        key = at[0].encode()
        if roll < BAD:
            return Outgoing(key, dice.choice(_ODD))
        seen_at = now
        if roll < BAD + LATE:
            seen_at = now - timedelta(seconds=dice.choice([1, 60]))
        else:
            self._shows[at] = self._changed(self._shows[at])
        if roll >= 100 - FOREIGN:
            key = b"theirs-%d" % dice.randrange(99)
        return Outgoing(key, _encode(self._snapshot(at, self._shows[at], seen_at)))

    def _changed(self, show: _Show) -> _Show:
        dice = self._dice
        match dice.randrange(16):
            case 0 | 1:
                return replace(show, status=dice.choice(["on_sale", "off_sale", None]))
            case 2:
                return replace(show, status=dice.choice(["postponed", "rescheduled"]))
            case 3:
                return replace(show, status="cancelled" if dice.random() < 0.3 else "on_sale")
            case 4 | 5 | 6:
                return replace(show, listings=dice.choice([None, 0, 0, 7]))
            case 7:
                return replace(show, few=not show.few)
            case 8:
                return replace(show, day=dice.randrange(10, 13))
            case 9:
                return replace(show, cents=dice.choice([None, 40_00, 55_50]))
            case 10:
                return replace(show, name=f"{show.name.split(',')[0]}, part {dice.randrange(3)}")
            case 11:
                return replace(show, place=dice.choice(["A Hall", "B Hall"]))
            case 12:
                held = dice.choice([(), ("Fans",), ("Fans", "Card")])
                return replace(show, presales=held, opens_in_s=dice.choice([5.0, 20.0, 40.0]))
            case _:
                return show

    def _snapshot(self, at: tuple[str, str], show: _Show, seen_at: datetime) -> Mapping[str, Any]:
        event_id, source = at
        opens_at = self._opened_at + timedelta(seconds=show.opens_in_s)
        facts = {
            "name": show.name,
            "venue": {"name": show.place, "time_zone": "Europe/Warsaw"},
            "local_date": f"2027-05-{show.day}",
            "local_time": "19:30",
            "status": show.status,
            "on_sale_at": opens_at,
            "presales": [
                {"name": name, "starts_at": opens_at - timedelta(seconds=3)}
                for name in show.presales
            ],
        }
        said: dict[str, Any] = {"listing_count": show.listings}
        if show.few:
            said = {"availability": "few_left"}
        price = None if show.cents is None else Decimal(show.cents).scaleb(-2)
        currency = None if price is None else "EUR"
        looks = {"event_id": event_id, "source": source, "observed_at": seen_at, "facts": facts}
        return {**looks, "currency": currency, "basis": "listed", "lowest": price, **said}
