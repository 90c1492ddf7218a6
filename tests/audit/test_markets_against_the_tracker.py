"""Tracker and audit were written apart; on whatever comes in they agree."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conscope_app.audit.report import Finding
from tests.audit.market_log import PARTITIONS, MarketLog, audited
from tests.factories import NOON, a_snapshot_value, some_facts

EVENTS = ("seatgeek-1", "seatgeek-2")
STATUSES = (
    *(..., "scheduled", "on_sale", "off_sale"),
    *("postponed", "rescheduled", "cancelled"),
)
DAY = timedelta(days=1)


def some_moment(dice: Random) -> Any:
    """Of a show or a sale: around the snapshots, or none."""
    return dice.choice([..., None, *(NOON + timedelta(minutes=at) for at in range(-4, 44, 8))])


def some_presale(dice: Random) -> dict[str, Any]:
    times = {"starts_at": some_moment(dice), "ends_at": some_moment(dice)}
    said = {name: at for name, at in times.items() if at is not ...}
    return {"name": dice.choice(["Fans", "Card"]), **said}


def random_facts(dice: Random) -> dict[str, Any]:
    venue = {"name": dice.choice(["A Hall", "A Hall ", "B Hall", " "])}
    if dice.random() < 0.4:
        venue["vendor_id"] = dice.choice("78")
    return some_facts(
        name=dice.choice(["A Concert", "A Concert", " A Concert ", "A Show", "  "]),
        venue=venue,
        status=dice.choice(STATUSES),
        starts_at=some_moment(dice),
        local_date=dice.choice([..., None, "2027-05-15", "2027-05-16"]),
        local_time=dice.choice([..., "19:00", "19:30"]),
        on_sale_at=some_moment(dice),
        off_sale_at=some_moment(dice),
        presales=[some_presale(dice) for _ in range(dice.choice([0, 0, 1, 2, 3]))],
    )


def random_snapshot(dice: Random, minute: int, event_id: str) -> bytes:
    """One look at an event, a few of them late or seen at once."""
    return a_snapshot_value(
        event_id=event_id,
        source=dice.choice(["seatgeek", "seatgeek", "other"]),
        observed_at=NOON + timedelta(minutes=max(0, minute - dice.choice([0, 0, 0, 0, 1, 3]))),
        facts=random_facts(dice),
        currency=dice.choice(["USD", "usd", "EUR"]),
        lowest=dice.choice([..., None, Decimal("40"), Decimal("50.50"), Decimal("5E+1")]),
        listing_count=dice.choice([..., None, 0, 0, 3]),
        availability=dice.choice([..., ..., None, "available", "few_left", "none_left"]),
    )


def a_market(seed: int, looks: int = 40) -> MarketLog:
    dice = Random(seed)
    log = MarketLog()
    for minute in range(looks):
        event_id = dice.choice(EVENTS)
        key = event_id.encode() if dice.random() < 0.9 else dice.choice([None, b"theirs"])
        partition = dice.randrange(PARTITIONS) if dice.random() < 0.05 else None
        log.append(random_snapshot(dice, minute, event_id), key, partition=partition)
    return log.run()


@settings(max_examples=60)
@given(seed=st.integers(0, 1 << 30))
def test_a_market_comes_out_alike(seed: int) -> None:
    """Everything that a source may say, in any order; every place has what it must."""
    log = a_market(seed)
    report = audited(log)

    assert log.dead == []
    assert log.changes != []
    assert report.findings == []
    assert report.good_snapshots == len(log.processed)


@settings(max_examples=20)
@given(seed=st.integers(0, 1 << 30), cut=st.integers(1, 15))
def test_what_retention_removed_is_known_from_what_was_published(seed: int, cut: int) -> None:
    """All is known of what began while the log was whole: nothing is checked weakly."""
    log = a_market(seed)
    report = audited(log, (min(cut, len(log.raw[0])), 0))

    assert report.findings == []
    assert "0 snapshots of events" in report.notes[0]


@settings(max_examples=20)
@given(seed=st.integers(0, 1 << 30), cut=st.integers(1, 15))
def test_what_nobody_knows_any_more_is_checked_weakly(seed: int, cut: int) -> None:
    """Where what was published of before is gone too, changes only have to agree."""
    log = a_market(seed)
    start = min(cut, len(log.raw[0]))
    gone = {f"market_snapshots-0-{offset}" for offset in range(start)}
    log.processed = [each for each in log.processed if not any(_is(each, id_) for id_ in gone)]

    report = audited(log, (start, 0), {"processed_markets": frozenset({0})})

    assert report.findings == []


def _is(record: Any, id_: str) -> bool:
    return f'"id":"{id_}"'.encode() in record.value


ODD = [
    b"",
    b"[]",
    b"\xff",
    b'{"event_id": "seatgeek-1"}',
    *(
        a_snapshot_value(**fields)
        for fields in (
            {"event_id": ""},
            {"source": "a\x7fb"},
            {"lowest": 0},
            {"lowest": -1},
            {"lowest": "NaN"},
            {"lowest": 10**15},
            {"lowest": 10**15 + 1},
            {"lowest": "0.0000000000000000001"},
            {"lowest": 5, "highest": 4},
            {"lowest": 5, "highest": 5},
            {"currency": None},
            {"currency": None, "lowest": ...},
            {"currency": "$"},
            {"currency": "usdtether"},
            {"currency": "stra\u00dfe"},
            {"listing_count": 10**9},
            {"listing_count": 10**9 + 1},
            {"listing_count": -1},
            {"basis": "all"},
            {"observed_at": "2026-11-20T12:00:00"},
            {"observed_at": "2026-11-20T14:00:00+01:00"},
            {"observed_at": "2026-11-20T13:05:00Z"},
            {"observed_at": "2026-11-20T13:05:00.001Z"},
            {"observed_at": "1899-12-31T23:59:59Z"},
            {"observed_at": "0001-01-01T00:00:00+02:00"},
            {"facts": some_facts(name="A\tConcert")},
            {"facts": some_facts(performers=["A", "B\n"])},
            {"facts": some_facts(venue={"name": "A Hall", "city": "\x00"})},
            {"facts": some_facts(venue={"name": "A Hall", "latitude": -0.0, "longitude": 1e22})},
            {"facts": some_facts(presales=[{"name": "x\r"}])},
            {"facts": some_facts(presales=[{"name": "x", "ends_at": "2101-01-01T00:00:00Z"}])},
            {"facts": some_facts(starts_at="9999-12-31T23:59:59-02:00")},
            {"facts": some_facts(starts_at=datetime(2100, 12, 31, tzinfo=UTC))},
            {"facts": some_facts(on_sale_at="1899-12-31T23:59:59Z")},
            {"facts": some_facts(off_sale_at="2026-11-20T12:00:00")},
            {"facts": some_facts(local_date="2027-02-29")},
            {"facts": some_facts(local_date="20270515")},
            {"facts": some_facts(local_date="2027-W20-6")},
            {"facts": some_facts(local_date="2101-01-01")},
            {"facts": some_facts(local_date="1900-01-01")},
            {"facts": some_facts(local_date="")},
            {"facts": some_facts(local_time="24:00")},
            {"facts": some_facts(local_time="9:00")},
            {"facts": some_facts(local_time="1\u0663:00")},
            {"facts": some_facts(local_time="19:00:00")},
            {"note": "a field that is not ours"},
            {"note": "x" * 260_000},
        )
    ),
]


@pytest.mark.parametrize("value", ODD, ids=lambda value: value[:0].decode())
def test_odd_records_end_in_the_same_place(value: bytes) -> None:
    """Taken by both or refused by both; under a foreign key too."""
    log = MarketLog()
    log.append(value, b"seatgeek-1")
    log.append(value, b"theirs")
    log.append(value, b"theirs", headers=(("conscope.rekeyed-from", b"x"),))
    log.run()

    assert audited(log).findings == []


def test_a_record_without_value_or_key() -> None:
    log = MarketLog()
    log.append(None, b"seatgeek-1")
    log.append(None, None)
    log.append(a_snapshot_value(), b"t", headers=(("trace", b"x" * 900_000),))

    findings: list[Finding] = audited(log.run()).findings
    assert findings == []
    assert len(log.dead) == 3
