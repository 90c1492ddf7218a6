"""Watches of every kind, and the prices that they are told: as signals, and as records."""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from aiokafka.structs import ConsumerRecord

from conscope_app.alerting.watches.control import Making, Sent, control_record, recorded_at
from conscope_app.alerting.watches.signals import Priced
from conscope_app.alerting.watches.watch import Drop, Low, Target, Watch, What, When
from conscope_app.core.clock import to_epoch_ms
from conscope_app.core.record import Record
from conscope_app.domains.tickets.records import ProcessedPrice, encode

BEGINNING = datetime(2026, 11, 22, 12, tzinfo=UTC)
RECORDS_A_MS = 5
SECTIONS = ("Floor", "Lower 101", "Lower 102", "Upper 201", "Upper 202")
CONDITIONS = (
    When(target=Target(at_most=Decimal(60))),
    When(drop=Drop(percent=Decimal(10), than="median")),
    When(drop=Drop(percent=Decimal(5))),
    When(low=Low(days=30)),
    When(low=Low(nth=2)),
)


def watches(
    count: int,
    events: int,
    about_all: int,
    chance: random.Random,
    *,
    event: str = "evt-{}",
    sections: Sequence[str] = SECTIONS,
) -> Iterator[Watch]:
    """Watches of every kind, spread evenly over the events; a few are about all of them."""
    for number in range(count):
        each_item = chance.random() < 0.3
        yield Watch(
            id=f"w{number}",
            what=What(
                subjects=() if number < about_all else (event.format(number % events),),
                only={} if chance.random() < 0.4 else {"section": (chance.choice(sections),)},
                together=2 if not each_item and chance.random() < 0.2 else 1,
                each="item" if each_item else "subject",
            ),
            when=chance.choice(CONDITIONS),
        )


def signals(
    count: int, events: int, seats: int, chance: random.Random, *, moving: float = 1.0
) -> Iterator[Priced]:
    """Prices of seats in rows of ten, of which a share wander and the others stay."""
    cents: dict[tuple[int, int], int] = {}
    for place in range(count):
        event, seat = chance.randrange(events), chance.randrange(seats)
        was = cents.get((event, seat)) or chance.randrange(8_000, 20_000)
        step = chance.randrange(-500, 500) if chance.random() < moving else 0
        now = cents[event, seat] = max(1_000, was + step)
        at = BEGINNING + timedelta(milliseconds=place // RECORDS_A_MS)
        section, line = SECTIONS[seat // 10 % len(SECTIONS)], str(seat // 10)
        yield Priced(
            subject=f"evt-{event}",
            place=place,
            recorded_at=at,
            item=f"s/{section}/{line}/{seat}",
            observed_at=at,
            prices={"all_in": Decimal(now).scaleb(-2), "face": Decimal(now - 300).scaleb(-2)},
            currency="USD",
            labels={"section": section, "row": line, "source": "s"},
            line=line,
            first=seat,
            last=seat,
        )


def log(watches: Iterable[Watch], signals: Iterable[Priced]) -> list[Record]:
    """A partition of `watched_prices`: the watches are made, and then the prices come."""
    made = (
        control_record(Making(watch=watch, subject=subject), key=subject, at=BEGINNING)
        for watch in watches
        for subject in watch.what.subjects or ("",)
    )
    return [_record(at, *sent) for at, sent in enumerate((*made, *map(_sent, signals)))]


def _sent(signal: Priced) -> Sent:
    """A signal as the processed price that it is read from."""
    price = ProcessedPrice(
        id=f"raw_prices-0-{signal.place}",
        event_id=signal.subject,
        event_name="A Concert",
        venue="A Hall",
        event_date="2027-05-15T19:00:00Z",
        source=signal.labels["source"],
        section=signal.labels["section"],
        row=signal.labels["row"],
        seat=str(signal.first),
        price=signal.prices["face"],
        total_price=signal.prices["all_in"],
        timestamp=signal.observed_at,
        kind="new",
        old_price=None,
        change=None,
        change_percent=None,
    )
    moment = recorded_at(to_epoch_ms(signal.recorded_at))
    return signal.subject.encode(), encode(price), (moment,)


def _record(offset: int, key: bytes, value: bytes, headers: Iterable[tuple[str, bytes]]) -> Record:
    """What was sent as it comes from Kafka, whose own time is later."""
    record: Record = ConsumerRecord(
        topic="watched_prices",
        partition=0,
        offset=offset,
        timestamp=to_epoch_ms(BEGINNING) + offset,
        timestamp_type=1,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=len(key),
        serialized_value_size=len(value),
        headers=tuple(headers),
    )
    return record
