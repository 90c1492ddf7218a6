"""A day at two seats, with everything that must come out of it worked out by hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from aiokafka.partitioner import DefaultPartitioner

RAW, PROCESSED, ALERTS, DEAD = "raw_prices", "processed_prices", "price_alerts", "raw_prices.dead"
FLOOR = b'["concert-1","box-office","Floor","A","1"]'
ROOF = b'["concert-1","box-office","Roof","Z","9"]'


class Step(NamedTuple):
    """A raw record, and how it must have moved: kind, old price, change, percent."""

    name: str
    seat: bytes
    value: bytes
    move: tuple[str, str | None, str | None, str | None] | None = None


def raw_json(seat: bytes, price: str, minute: int, currency: str = "USD") -> bytes:
    """A raw price as a source writes it, with the price as it is spelled."""
    event_id, source, section, row, place = json.loads(seat)
    fields = {
        "event_id": event_id,
        "event_name": "Łódź sings",
        "venue": "The Hall",
        "date": "2024-12-31",
        "source": source,
        "section": section,
        "row": row,
        "seat": place,
        "price": "?",
        "timestamp": f"2024-11-22T10:{minute:02}:00Z",
        "url": "https://tickets.example/1",
        "currency": currency,
        "colour": "a field that nobody knows",
    }
    return json.dumps(fields).replace('"?"', price).encode()


STEPS = (
    Step("first", FLOOR, raw_json(FLOOR, "100", 0), ("new", None, None, None)),
    Step("cheaper", FLOOR, raw_json(FLOOR, "80.50", 2), ("drop", "100", "-19.5", "-19.5")),
    # 9.5 / 80.5 = 0.118012422…
    Step("older", FLOOR, raw_json(FLOOR, '"90.00"', 1), ("late", "80.5", "9.5", "11.8012")),
    Step("again", FLOOR, raw_json(FLOOR, "80.5", 3), ("same", "80.5", "0", "0")),
    Step("euros", FLOOR, raw_json(FLOOR, "100", 4, "eur"), ("new", None, None, None)),
    Step("dearer", FLOOR, raw_json(FLOOR, "120", 5, "EUR"), ("rise", "100", "20", "20")),
    Step("garbage", FLOOR, b"\xff not json"),
    Step("free", FLOOR, raw_json(FLOOR, "0", 6)),
    Step("keyless", ROOF, raw_json(ROOF, "7", 0)),
    Step("copy", ROOF, raw_json(ROOF, "7", 0), ("new", None, None, None)),
)
GOOD = tuple(step.name for step in STEPS if step.move is not None)


class Place(NamedTuple):
    """Where a raw record came to stand, and when Kafka says that it did."""

    partition: int
    offset: int
    timestamp: int


@dataclass
class Stored:
    """A record in Kafka, as a consumer hands it over."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass
class Outputs:
    """Everything that came out, by the name of the step; tests break it."""

    processed: list[Stored] = field(default_factory=list)
    alerts: list[Stored] = field(default_factory=list)
    dead: list[Stored] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    drop_alerts: list[dict[str, Any]] = field(default_factory=list)


def home_of(seat: bytes, partitions: int) -> int:
    """The partition that Kafka's own partitioner chooses."""
    everywhere = list(range(partitions))
    chosen: int = DefaultPartitioner()(seat, everywhere, everywhere)
    return chosen


def raw_record(step: Step, partitions: int, places: Mapping[str, Place], topic: str) -> Stored:
    """The raw record of a step, to be put where it says; its offset comes then."""
    home = home_of(step.seat, partitions)
    if step.name == "keyless":
        return Stored(topic, (home + 1) % partitions, -1, 0, None, step.value, (("trace", b"1"),))
    if step.name == "copy":
        source = places["keyless"]
        mark = f"{source.partition}-{source.offset}".encode()
        headers = (("trace", b"1"), ("conscope.rekeyed-from", mark))
        return Stored(topic, home, -1, 0, step.seat, step.value, headers)
    return Stored(topic, home, -1, 0, step.seat, step.value)


def outputs(places: Mapping[str, Place], prefix: str = "") -> Outputs:
    """What the pipeline must have written, given where the raw records stand."""
    out = Outputs()
    for step in STEPS:
        place = places[step.name]
        if step.name in ("garbage", "free"):
            out.dead.append(_dead(step, place, prefix))
        elif step.move is not None:
            _add_price(out, step, place, prefix)
    return out


def _dead(step: Step, place: Place, prefix: str) -> Stored:
    headers = (
        ("__connect.errors.topic", f"{prefix}{RAW}".encode()),
        ("__connect.errors.partition", str(place.partition).encode()),
        ("__connect.errors.offset", str(place.offset).encode()),
        ("conscope.reason", b"any"),
    )
    return Stored(f"{prefix}{DEAD}", place.partition, -1, 0, step.seat, step.value, headers)


def _add_price(out: Outputs, step: Step, place: Place, prefix: str) -> None:
    assert step.move is not None
    record_id = f"{prefix}{RAW}-{place.partition}-{place.offset}"
    event = _event(step)
    kind, *moved = step.move
    names = ("old_price", "change", "change_percent")
    compared = dict(zip(names, map(_decimal, moved), strict=True))
    processed = {**event, "id": record_id, "kind": kind, **compared}
    topic = f"{prefix}{PROCESSED}"
    out.processed.append(_output(topic, step.seat, place, processed))
    where = {"raw_partition": place.partition, "raw_offset": place.offset}
    observed = {**where, "observed_at": event["timestamp"]}
    out.history.append({**observed, **event, "kind": kind, **compared})
    if kind == "drop":
        alert = {
            "old_price": Decimal(100),
            "new_price": Decimal("80.5"),
            "drop_amount": Decimal("19.5"),
            "drop_percent": Decimal("19.5"),
            "alert_timestamp": datetime.fromtimestamp(place.timestamp / 1000, UTC),
            "alert_type": "price_drop",
        }
        sent = {**event, "id": record_id, **alert}
        out.alerts.append(_output(f"{prefix}{ALERTS}", step.seat, place, sent))
        out.drop_alerts.append({**observed, **sent})


def _event(step: Step) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(step.value, parse_float=Decimal, parse_int=Decimal)
    said["price"] = Decimal(said["price"])
    said["event_date"] = said.pop("date")
    said["listing_url"] = said.pop("url")
    said["currency"] = said["currency"].upper()
    said["timestamp"] = datetime.fromisoformat(said["timestamp"])
    del said["colour"]
    said |= {"fees": None, "total_price": None, "listing_id": None, "quantity": 1}
    return said | {"delivery_method": None, "seller_notes": None}


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _output(topic: str, key: bytes, place: Place, fields: Mapping[str, Any]) -> Stored:
    return Stored(topic, place.partition, -1, 0, key, as_bytes(fields))


def as_bytes(fields: Mapping[str, Any]) -> bytes:
    """The fields as JSON, amounts as numbers."""
    return json.dumps(fields, default=_plain).encode()


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value.isoformat()  # type: ignore[attr-defined]  # the only other type is datetime
