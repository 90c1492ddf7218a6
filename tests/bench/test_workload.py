"""The workload says what has to come of it; the product, which it is to measure, agrees."""

from collections import Counter
from datetime import UTC, datetime

import msgspec
import pytest

from bench.workload import EVENT, SECTIONS, Expected, Price, Workload
from conscope_app.domains.tickets.tracking import track
from conscope_app.domains.tickets.validation import validate
from tests.factories import ARecord

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def prices(**fields: float) -> list[Price]:
    return list(Workload(**{"records": 3_000, "seats": 200, **fields}).prices(NOW))  # type: ignore[arg-type]  # by name


def tracked_kinds(market: list[Price]) -> tuple[Counter[str], int]:
    """What the detector makes of it: kinds, and by how many cents all drops together."""
    now_ms = int(NOW.timestamp() * 1000)
    records = [ARecord(p.key, p.value, offset=at, timestamp=now_ms) for at, p in enumerate(market)]
    tracked = track(records, lambda _key: None, 0, lambda _key: 0)
    alerts = [msgspec.json.decode(value) for _, value, _ in tracked.alerts]
    kinds = Counter(msgspec.json.decode(value)["kind"] for _, value, _ in tracked.processed)
    return kinds, round(sum(alert["drop_amount"] for alert in alerts) * 100)


@pytest.mark.parametrize("drop_share", [0.0, 0.6, 0.95])
def test_the_detector_finds_what_the_workload_expects(drop_share: float) -> None:
    market = prices(drop_share=drop_share)

    assert tracked_kinds(market) == (
        Counter(price.kind for price in market),
        sum(price.dropped_cents for price in market),
    )


def test_the_share_of_drops_is_about_what_was_asked_for() -> None:
    """A drop that would fall below the floor is a rise instead, so a little less."""
    kinds = Counter(price.kind for price in prices(records=20_000))

    assert kinds["new"] == 200
    assert 0.55 < kinds["drop"] / 20_000 <= 0.62


def test_a_seed_gives_the_same_market_again() -> None:
    assert prices(seed=3) == prices(seed=3)
    assert prices(seed=3) != prices(seed=4)


def test_padding_makes_records_larger_by_so_many_bytes() -> None:
    plain, padded = prices(records=0), prices(records=0, padding=1_000)

    assert {len(b.value) - len(a.value) for a, b in zip(plain, padded, strict=True)} == {1_000}


def test_every_record_is_a_price_event() -> None:
    """Nobody is measured on records that he may refuse."""
    for price in prices():
        assert validate(price.value, int(NOW.timestamp() * 1000)).price > 0


def test_what_is_counted_is_what_the_workload_says() -> None:
    expected, market = Expected(), prices()

    assert list(expected.counting(market)) == market
    assert expected.kinds == Counter(price.kind for price in market)
    assert expected.dropped_cents == sum(price.dropped_cents for price in market)
    assert expected.bytes == sum(len(price.value) for price in market)


def test_the_newest_prices_sent_once_more_are_the_same() -> None:
    expected = Expected()
    market = list(expected.counting(prices()))
    again = [Price(key, value, "same", 0) for key, value in expected.newest.items()]

    kinds, _ = tracked_kinds([*market, *again])

    assert len(again) == 200
    assert kinds == expected.kinds + Counter(same=200)


def test_an_event_has_its_seats_in_five_sections() -> None:
    """However many seats it has: so watches of any section find some."""
    market = Workload(records=0, seats=60, seats_an_event=20).prices(NOW)

    seats = [msgspec.json.decode(price.value) for price in market]
    assert Counter(seat["event_id"] for seat in seats) == {EVENT.format(at): 20 for at in range(3)}
    assert Counter(seat["section"] for seat in seats) == dict.fromkeys(SECTIONS, 12)
    assert len({tuple(msgspec.json.decode(price.key)) for price in prices(records=0)}) == 200
