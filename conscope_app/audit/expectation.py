"""What must come out of each raw record, one partition at a time, from its records in order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Context, Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from aiokafka.partitioner import murmur2

from conscope_app.audit.believable import NotBelievedError
from conscope_app.audit.observation import read_price
from conscope_app.core.clock import from_epoch_ms
from conscope_app.core.ids import RecordId
from conscope_app.core.record import Record
from conscope_app.domains.tickets.records import PriceAlert, PriceEvent, ProcessedPrice
from conscope_app.domains.tickets.seat_key import is_unnamed, seat_key
from conscope_app.stream.dead_letters import REKEYED_FROM

_EXACT = Context(prec=80)

Kind = Literal["new", "drop", "rise", "same", "late"]


class Processed(NamedTuple):
    """One processed price. `weak`: how it moved cannot be known, retention removed what was before.

    Where it is weak, kind, old price and changes are a guess, to be replaced by what was found.
    """

    key: bytes
    price: ProcessedPrice
    appended_at: datetime
    weak: bool


class Copied(NamedTuple):
    """The record put back once, under its right key, and nothing else."""

    key: bytes
    partition: int


class Refused(NamedTuple):
    """A dead letter."""

    why: str


Expectation = Processed | Copied | Refused


class Held(NamedTuple):
    """The newest price of a seat: what the next one is compared with."""

    price: Decimal
    currency: str
    observed_at: datetime


class Move(NamedTuple):
    """How a price moved against the one held."""

    kind: Kind
    old_price: Decimal | None = None
    change: Decimal | None = None
    change_percent: Decimal | None = None


def _nothing_known(_offset: int) -> str | None:
    return None


@dataclass(slots=True)
class Fold:
    """Takes one partition's records in order and says what each must have led to.

    `whole` is False where the partition no longer begins with its first record: then a seat's first
    record is compared with a price that nobody can know. `kind_found` tells the kind that the
    pipeline gave to the record at an offset; it is asked for such records only.
    """

    partition: int
    partitions: int
    whole: bool = True
    kind_found: Callable[[int], str | None] = _nothing_known
    held: dict[bytes, Held] = field(default_factory=dict)

    def expect(self, record: Record) -> Expectation:
        """What must have come out of this record."""
        try:
            event = read_price(record.value, record.timestamp)
        except NotBelievedError as error:
            return Refused(str(error))
        key = seat_key(
            event.event_id, event.source, event.section, event.row, event.seat, event.listing_id
        )
        held = self.held.get(key)
        home = self.partition if held is not None else partition_of(key, self.partitions)
        if record.key != key or home != self.partition:
            if any(name == REKEYED_FROM for name, _ in record.headers):
                return Refused("it was put under another key once before")
            return Copied(key, partition_of(key, self.partitions))
        return self._compare(record, event, key, held)

    def _compare(
        self, record: Record, event: PriceEvent, key: bytes, held: Held | None
    ) -> Processed:
        move = compare(event, held)
        weak = held is None and not self.whole
        if weak and self.kind_found(record.offset) == "late":
            move = Move("late")
        if move.kind != "late":
            self.held[key] = Held(event.price, event.currency, event.timestamp)
        price = ProcessedPrice(
            **{name: getattr(event, name) for name in event.__struct_fields__},
            id=str(RecordId(record.topic, record.partition, record.offset)),
            kind=move.kind,
            old_price=move.old_price,
            change=move.change,
            change_percent=move.change_percent,
        )
        return Processed(key, price, from_epoch_ms(record.timestamp), weak)


def compare(event: PriceEvent, held: Held | None) -> Move:
    """How the price moved against the one held for its seat."""
    if held is None:
        return Move("new")
    late = event.timestamp < held.observed_at
    if event.currency != held.currency:
        return Move("late") if late else Move("new")
    change = subtract(event.price, held.price)
    kind: Kind = "drop" if change < 0 else "rise" if change > 0 else "same"
    percent = percent_of(change, held.price)
    # Of offers that nothing tells apart, a moment has its cheapest one; none of them has moved.
    if change and event.timestamp == held.observed_at and is_unnamed(event.seat, event.listing_id):
        return Move("new") if change < 0 else Move("late", held.price, change, percent)
    return Move("late" if late else kind, held.price, change, percent)


def alert_of(expected: Processed) -> PriceAlert:
    """The alert of a drop whose old price is known."""
    price = expected.price
    if price.old_price is None:
        raise ValueError(f"{price.id} is no drop")
    amount = subtract(price.old_price, price.price)
    return PriceAlert(
        **{name: getattr(price, name) for name in PriceEvent.__struct_fields__},
        id=price.id,
        old_price=price.old_price,
        new_price=price.price,
        drop_amount=amount,
        drop_percent=percent_of(amount, price.old_price),
        alert_timestamp=expected.appended_at,
    )


def subtract(left: Decimal, right: Decimal) -> Decimal:
    """`left - right`, exact."""
    return _EXACT.subtract(left, right)


def percent_of(part: Decimal, whole: Decimal) -> Decimal:
    """Part of whole in percent, at four places, ties to even; computed in whole fractions."""
    ten_thousandths = round(Fraction(part) * 1_000_000 / Fraction(whole))
    return Decimal(f"{ten_thousandths}e-4")


def partition_of(key: bytes, partitions: int) -> int:
    """Where Kafka's producers put a key."""
    return int(murmur2(key) & 0x7FFF_FFFF) % partitions
