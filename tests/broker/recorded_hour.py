"""An hour of prices of four events, and watches of every kind that hold while it goes by.

The hour runs over midnight, and into the quiet hours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from conscope_app.alerting.watches.control import Control, Deletion, Making, recorded_at
from conscope_app.alerting.watches.silences import Silence
from conscope_app.alerting.watches.watch import Watch
from conscope_app.core.clock import to_epoch_ms
from conscope_app.domains.tickets.happenings import happening_record
from conscope_app.domains.tickets.seat_key import parse_seat_key
from conscope_app.domains.tickets.tracking import track
from conscope_app.store.engine import Connection
from conscope_app.store.watches.definitions import delete, put
from tests.alerting.watches.stories import a_watch
from tests.alerting.watches.wishes import KINDS
from tests.factories import ARecord, a_record

# Three of them are in one partition.
EVENTS = ("derby", "final", "gala", "opera")
PRICES = 1_500
HOUR = timedelta(hours=1)
SEED = 20

_SEATS = (("A", "1"), ("A", "2"), ("A", "3"), ("B", "1"), ("B", "2-3"), ("C", "9"))
_STEPS = (0.91, 0.97, 0.99, 1, 1, 1.02, 1.04, 1.06)
_MISTAKE = 0.2
_LOWEST, _HIGHEST = 82.0, 150.0
_ALL_IN = 1.15

_QUIET = {"zone": "UTC", "quiet": {"begin": "00:10", "until": "08:00"}}
_GROUPED = {"group": {"wait_s": 30, "alone_s": 2}}


class Change(NamedTuple):
    """A watch is made or changed at a moment, or (as its id alone) deleted."""

    at: datetime
    watch: Watch | str
    version: int

    @property
    def control(self) -> Control:
        """What every partition is told."""
        if isinstance(self.watch, str):
            return Deletion(watch_id=self.watch, version=self.version)
        return Making(watch=self.watch)

    @property
    def controls(self) -> Iterator[tuple[str, Control]]:
        """What is said of each event besides."""
        if isinstance(self.watch, Watch):
            for event in self.watch.what.subjects or EVENTS:
                yield event, Making(watch=self.watch, subject=event)

    def apply(self, connection: Connection) -> None:
        """Keep it in Postgres."""
        if isinstance(self.watch, str):
            assert delete(connection, self.watch)
        else:
            assert put(connection, self.watch).watch.version == self.version


class Price(NamedTuple):
    """The bytes of a processed price, and when its raw price was recorded."""

    at: datetime
    event: str
    value: bytes


class Happening(NamedTuple):
    """Something that a source saw happen to an event."""

    at: datetime
    event: str
    kind: str
    source: str

    @property
    def record(self) -> tuple[bytes, bytes, Sequence[tuple[str, bytes]]]:
        """As it is forwarded, and when."""
        key, value, headers = happening_record(
            self.event, self.source, self.kind, self.at, {"new": self.at.isoformat()}
        )
        return key, value, [*headers, recorded_at(to_epoch_ms(self.at))]


def happenings(begin: datetime) -> list[Happening]:
    """Each event is on sale, moved, and not on sale any more; another source says so too, later."""
    return [
        Happening(begin + timedelta(minutes=minutes + more, seconds=number), event, kind, source)
        for number, event in enumerate(EVENTS)
        for minutes, kind in ((3, "on_sale"), (22, "rescheduled"), (40, "off_sale"))
        for more, source in ((0, "one"), (9, "two"))
    ]


def last_hour_at_midnight(now: datetime) -> datetime:
    """When the hour begins; it is over for at least 23 hours."""
    return (now - timedelta(days=2)).replace(hour=23, minute=30, second=0, microsecond=0)


def changes(begin: datetime) -> list[Change]:
    """The watches that are there from the beginning, and what becomes of them."""

    def after(minutes: int, watch: Watch | str, version: int = 1) -> Change:
        return Change(begin + timedelta(minutes=minutes), watch, version)

    kinds = {**KINDS, **_kinds(begin)}
    low = {"target": {"at_most": 100}}
    return [
        *(after(0, a_watch(kind, **parts)) for kind, parts in kinds.items()),
        after(0, a_watch("changed", what={"subjects": ["derby", "opera"]}, when=low)),
        after(0, a_watch("deleted", what={"each": "item"}, when=low, often=_GROUPED)),
        after(25, a_watch("made later", when={"target": {"at_most": 120}, "on_create": True})),
        after(
            35,
            a_watch(
                "changed",
                version=2,
                what={"subjects": ["derby", "opera"]},
                when={"target": {"at_most": 95}},
            ),
            2,
        ),
        after(45, "deleted", 2),
    ]


def silence(begin: datetime) -> Silence:
    """Nobody is to hear of a row for ten minutes."""
    return Silence(
        id="row B",
        begins_at=begin + timedelta(minutes=5),
        ends_at=begin + timedelta(minutes=15),
        labels={"row": ("B",)},
    )


def prices(begin: datetime) -> list[Price]:
    """Falls and rises, seats that are gone, mistakes, late ones, and prices in another currency.

    Detection has compared each with the one before.
    """
    raw = list(_raw_prices(begin))
    tracked = track(raw, dict[bytes, bytes]().get, 0, lambda _key: 0)
    assert not tracked.refused
    assert not tracked.rekeyed
    found = []
    for record, (_, value, _) in zip(raw, tracked.processed, strict=True):
        at = begin + timedelta(milliseconds=record.timestamp - to_epoch_ms(begin))
        found.append(Price(at, parse_seat_key(record.key or b"").event_id, value))
    return found


def _raw_prices(begin: datetime) -> Iterator[ARecord]:
    chance = Random(SEED)
    usual = {(event, *seat): 125.0 for event in EVENTS for seat in _SEATS}
    # No two at the same moment, so that all events together have an order.
    moments = sorted(chance.sample(range(1_000, 3_595_000), PRICES))
    for moment in moments:
        seat = chance.choice(sorted(usual))
        usual[seat] = min(max(usual[seat] * chance.choice(_STEPS), _LOWEST), _HIGHEST)
        at = begin + timedelta(milliseconds=moment)
        yield _raw(seat, at, usual[seat], chance)


def _raw(seat: tuple[str, str, str], at: datetime, usual: float, chance: Random) -> ARecord:
    event, row, number = seat
    all_in, fields = usual, dict[str, Any]()
    observed_at = at - timedelta(seconds=chance.randrange(1, 4))
    what = chance.random()
    if what < 0.02:
        fields["quantity"] = 0
    elif what < 0.04:
        observed_at -= timedelta(minutes=20)
    elif what < 0.07:
        fields["currency"] = "EUR"
    elif what < 0.08:
        all_in *= _MISTAKE
    total = Decimal(f"{all_in:.2f}")
    price = Decimal(f"{all_in / _ALL_IN:.2f}")
    if what < 0.9:
        fields |= {"total_price": total}
    elif what < 0.97:
        fields |= {"fees": total - price}
    record = a_record(
        event_id=event,
        section="Floor",
        row=row,
        seat=number,
        price=price,
        timestamp=observed_at,
        **{"quantity": 2 if "-" in number else 1, **fields},
    )
    return replace(record, timestamp=to_epoch_ms(at))


def _kinds(begin: datetime) -> dict[str, dict[str, Any]]:
    """Kinds whose times have to lie in the hour, and what only prices of seats have."""

    def after(minutes: int) -> str:
        return (begin + timedelta(minutes=minutes)).isoformat()

    item = {"each": "item"}
    return {
        "holds": {"what": item, "sure": {"hold_s": 60, "over_s": 90}},
        "re-armed": {"often": {"rearm": {"after_minutes": 10, "further_drop_percent": 10}}},
        "two a day": {"often": {"at_most_a_day": 2, **_QUIET}},
        "quiet": {"often": {**_QUIET, "group": {}}},
        "quiet, told": {"what": item, "often": {**_QUIET, **_GROUPED, "over_meanwhile": "tell"}},
        "digest": {"what": item, "often": {"digest": {"every_minutes": 10}}},
        "daily": {"often": {"digest": {"daily_at": "06:00"}, "over_meanwhile": "tell"}},
        "expires": {"to": {"expires_at": after(40)}},
        "snoozed": {"to": {"snoozed_until": after(20)}},
        "euros": {"what": item, "when": {"target": {"at_most": 100}, "currency": "EUR"}},
        "listed": {"when": {"target": {"at_most": 80}, "basis": "listed"}},
        "critical": {"what": {"subjects": ["gala"]}, "to": {"severity": "critical"}},
    }
