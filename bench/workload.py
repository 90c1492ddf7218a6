"""What the contestants are given, and what has to come of it: both follow from a few numbers."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple

from confluent_kafka import Producer

FLOOR_CENTS, CEILING_CENTS = 2_000, 80_000
# The first part warms up compilers, caches and connections, and is not timed; in detection it comes
# after each seat has been seen once. Nor is the last part, in which partitions end one by one.
WARM_SHARE = 0.25
END_SHARE = 0.9
EVENT = "bench_event_{:05}"
SECTIONS = tuple(f"Lower {number}" for number in range(5))  # of each event
_RISE_SHARE_OF_REST = 0.25
_QUEUE = 200_000
_FOLLOWED = 400


class Price(NamedTuple):
    """One raw record, and how it moves."""

    key: bytes
    value: bytes
    kind: str
    dropped_cents: int


@dataclass(frozen=True, kw_only=True)
class Workload:
    """A market: first each seat once, then `records` prices of seats drawn at random.

    `drop_share` of the latter are drops; of the rest a quarter are rises, and the others are the
    same price again. `padding` is added to the notes of each record, in bytes. An event has five
    sections, in rows of ten seats.
    """

    records: int
    seats: int = 10_000
    drop_share: float = 0.6
    padding: int = 0
    seats_an_event: int = 500
    seed: int = 5

    def prices(self, now: datetime) -> Iterator[Price]:
        """All raw records, in order, seen at `now`."""
        random = Random(self.seed)
        cents = array("l", (random.randint(5_000, CEILING_CENTS) for _ in range(self.seats)))
        moment = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        notes = "simulated: not a real offer" + "." * self.padding
        for seat in range(self.seats):
            place = divmod(seat, self.seats_an_event)
            yield Price(*self._record(*place, cents[seat], moment, notes), "new", 0)
        for _ in range(self.records):
            seat = random.randrange(self.seats)
            before = cents[seat]
            after = cents[seat] = _moved(before, self.drop_share, random)
            kind = "drop" if after < before else "rise" if after > before else "same"
            place = divmod(seat, self.seats_an_event)
            record = self._record(*place, after, moment, notes)
            yield Price(*record, kind, max(0, before - after))

    def _record(
        self, event: int, place: int, cents: int, moment: str, notes: str
    ) -> tuple[bytes, bytes]:
        section = SECTIONS[place * len(SECTIONS) // self.seats_an_event]
        return _record(event, place, section, cents, moment, notes)


@dataclass(slots=True)
class Expected:
    """What the outputs must hold, counted while the records were made."""

    kinds: Counter[str] = field(default_factory=Counter)
    dropped_cents: int = 0
    # The newest record of each of the first seats: sent once more, it has to be the same price.
    newest: dict[bytes, bytes] = field(default_factory=dict)
    bytes: int = 0

    @property
    def records(self) -> int:
        return self.kinds.total()

    def counting(self, prices: Iterable[Price]) -> Iterator[Price]:
        """The same records, each counted when it is taken."""
        for price in prices:
            self.kinds[price.kind] += 1
            self.dropped_cents += price.dropped_cents
            self.bytes += len(price.value)
            if len(self.newest) < _FOLLOWED or price.key in self.newest:
                self.newest[price.key] = price.value
            yield price


def fill(workload: Workload, bootstrap: str, topic: str, now: datetime) -> Expected:
    """Write the raw records to a topic while they are made."""
    expected = Expected()
    pour(expected.counting(workload.prices(now)), bootstrap, topic)
    return expected


def pour(prices: Iterable[Price], bootstrap: str, topic: str) -> None:
    """Write raw records to a topic, each where Kafka's own partitioner puts its key."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "partitioner": "murmur2_random",
            "enable.idempotence": True,
            "linger.ms": 20,
            "compression.type": "snappy",
            "queue.buffering.max.messages": _QUEUE,
            "log_level": 3,  # not each retry
        }
    )
    for price in prices:
        while len(producer) >= _QUEUE - 1:
            producer.poll(0.05)
        producer.produce(topic, price.value, price.key)
    left = producer.flush(120)
    if left:
        raise RuntimeError(f"{left} raw records were not taken by Kafka")


def _moved(cents: int, drop_share: float, random: Random) -> int:
    dice = random.random()
    if dice < drop_share:
        dropped = cents - cents * random.randint(2, 10) // 100
        # A market that ended at its floor would have no drops left.
        return dropped if dropped >= FLOOR_CENTS else random.randint(50_000, CEILING_CENTS)
    if dice < drop_share + (1 - drop_share) * _RISE_SHARE_OF_REST:
        return min(cents + cents * random.randint(5, 15) // 100, 10 * CEILING_CENTS)
    return cents


def _record(
    event: int, place: int, section: str, cents: int, moment: str, notes: str
) -> tuple[bytes, bytes]:
    row, number = place // 10 % 10, place % 10
    fees = cents * 15 // 100
    key = f'["bench_event_{event:05}","bench","{section}","{row}","{number}"]'
    value = (
        f'{{"event_id":"bench_event_{event:05}","event_name":"Benchmark Event {event}",'
        f'"venue":"Staples Center","event_date":"2027-07-19T20:00:00Z","source":"bench",'
        f'"section":"{section}","row":"{row}","seat":"{number}","price":{_amount(cents)},'
        f'"fees":{_amount(fees)},"total_price":{_amount(cents + fees)},"timestamp":"{moment}",'
        f'"listing_id":"bench-{event:05}-{place}",'
        f'"listing_url":"https://example.com/simulated/bench-{event:05}-{place}","quantity":1,'
        f'"delivery_method":"electronic","seller_notes":"{notes}","currency":"USD"}}'
    )
    return key.encode(), value.encode()


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
