"""The simulated market is what it says: its mix, its bands, its floor, its fees, its seed."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conscope_app.core.clock import to_epoch_ms
from conscope_app.domains.tickets.records import PriceEvent
from conscope_app.domains.tickets.seat_key import seat_key
from conscope_app.domains.tickets.validation import validate
from conscope_app.sources.base import Observation
from conscope_app.sources.tickets.mock import MockMarket
from conscope_app.sources.tickets.mock_events import WELL_KNOWN, mock_events

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_market(*, seed: int = 7, events: int = 4, seats: int = 25) -> MockMarket:
    return MockMarket(seed=seed, events=events, seats=seats, opened_at=NOON)


def read(observation: Observation, now: datetime = NOON) -> PriceEvent:
    """The event as the pipeline reads it from the bytes."""
    return validate(observation.outgoing.value, to_epoch_ms(now))


@pytest.fixture(scope="module")
def long_run() -> list[tuple[PriceEvent, str]]:
    """50,000 observations of a hundred seats after the first sight of each, and that sight."""
    return [(read(seen), seen.move) for seen in a_market().take(50_100, NOON)]


def test_first_round_shows_every_seat_once(long_run: list[tuple[PriceEvent, str]]) -> None:
    """A seat is new once: in the first round."""
    first, later = long_run[:100], long_run[100:]

    assert {move for _, move in first} == {"new"}
    assert len({event.listing_id for event, _ in first}) == 100
    assert "new" not in {move for _, move in later}


def test_mix_is_60_30_10(long_run: list[tuple[PriceEvent, str]]) -> None:
    """Of 50,000 observations 60% drop, 30% stay and 10% rise, within three standard deviations."""
    moves = Counter(move for _, move in long_run[100:])

    assert moves["drop"] == pytest.approx(30_000, abs=330)
    assert moves["same"] == pytest.approx(15_000, abs=310)
    assert moves["rise"] == pytest.approx(5_000, abs=200)


def test_market_does_not_end_at_its_floor(long_run: list[tuple[PriceEvent, str]]) -> None:
    """After 500 rounds the prices still spread over the bands, and none is below $20."""
    last_round = [event.price for event, _ in long_run[-100:]]

    assert min(event.price for event, _ in long_run) >= 20
    assert sorted(last_round)[50] > 40
    assert max(last_round) > 150


def test_moves_are_what_they_are_called(long_run: list[tuple[PriceEvent, str]]) -> None:
    """Drops are 2-10%; rises 5-15%, or a new offer within the section's band."""
    last: dict[str | None, Decimal] = {}
    fresh = 0
    for event, move in long_run:
        old = last.get(event.listing_id)
        last[event.listing_id] = event.price
        if old is None:
            continue
        ratio = event.price / old
        if move == "drop":
            assert Decimal("0.90") <= ratio <= Decimal("0.98")
        elif move == "same":
            assert ratio == 1
        elif not Decimal("1.05") <= ratio <= Decimal("1.15"):
            fresh += 1
            least, most = band(event.section)
            assert ratio > 1
            assert least <= event.price <= most

    assert 0 < fresh < 1_000


def band(section: str) -> tuple[int, int]:
    if section.startswith(("Floor", "VIP")):
        return 300, 800
    return (150, 400) if section.startswith(("Lower", "Club")) else (50, 200)


def test_first_prices_are_within_the_bands(long_run: list[tuple[PriceEvent, str]]) -> None:
    """Floor and VIP $300-800, Lower and Club $150-400, the rest $50-200."""
    for event, _ in long_run[:100]:
        least, most = band(event.section)

        assert least <= event.price <= most


def test_fees_are_a_fixed_share_of_each_seat(long_run: list[tuple[PriceEvent, str]]) -> None:
    """Fees are 10-20% to the cent, always the same share for a seat, and they make the total."""
    shares: dict[str | None, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    half_a_cent = Decimal("0.005")
    for event, _ in long_run:
        assert event.fees is not None
        assert event.total_price == event.price + event.fees
        assert event.fees.as_tuple().exponent == event.price.as_tuple().exponent == -2
        low, high = event.fees - half_a_cent, event.fees + half_a_cent
        shares[event.listing_id].append((low / event.price, high / event.price))

    for seat_shares in shares.values():
        highest_low = max(low for low, _ in seat_shares)
        lowest_high = min(high for _, high in seat_shares)
        assert highest_low <= lowest_high  # one share explains all of them
        assert Decimal("0.0999") < highest_low < Decimal("0.2001")


def test_every_record_says_that_it_is_simulated(long_run: list[tuple[PriceEvent, str]]) -> None:
    """Nobody who sees a record, or a page made of it, can take it for a real offer."""
    assert {event.source for event, _ in long_run} == {"mock-simulated"}
    assert all("simulated" in (event.seller_notes or "") for event, _ in long_run)


def test_well_known_events_lie_ahead() -> None:
    """The four test events keep their ids and are at most a year and a week away."""
    seen = {event.event_id: event for event in map(read, a_market().take(100, NOON))}

    assert set(seen) == {
        "test_taylor_swift_2025",
        "test_olivia_rodrigo_2025",
        "test_the_weeknd_2025",
        "test_bad_bunny_2025",
    }
    assert seen["test_taylor_swift_2025"].event_date == "2027-05-15T19:00:00Z"
    assert seen["test_taylor_swift_2025"].venue == "MetLife Stadium"


@given(minutes=st.integers(0, 75 * 366 * 24 * 60))
def test_events_are_always_ahead_of_the_clock(minutes: int) -> None:
    """Whenever the market opens, each event is a week ahead at least, a year and a week at most."""
    now = NOON + timedelta(minutes=minutes)
    for event in mock_events(20):
        ahead = event.starts_at(now) - now

        assert timedelta(days=7) <= ahead <= timedelta(days=7 + 366)


def test_more_events_follow_the_well_known() -> None:
    """The fifth event on are generated, each with an id of its own."""
    ids = [event.event_id for event in mock_events(40)]

    assert ids[:4] == [event.event_id for event in WELL_KNOWN]
    assert len(set(ids)) == 40
    assert ids[4] == "test_event_0005"


@pytest.mark.parametrize("seats", [1, 25, 20_000])
def test_seats_are_distinct_and_fixed(seats: int) -> None:
    """An event offers exactly the seats asked for, and the same ones in every round."""
    market = a_market(events=1, seats=seats)
    rounds = [
        {seen.outgoing.key for seen in market.take(seats, NOON)},
        {seen.outgoing.key for seen in market.take(seats, NOON)},
    ]

    assert len(rounds[0]) == seats
    assert rounds[0] == rounds[1]


@settings(max_examples=20)
@given(seed=st.integers(), events=st.integers(1, 6), seats=st.integers(1, 40))
def test_same_seed_gives_the_same_market(seed: int, events: int, seats: int) -> None:
    """Two markets of one seed show the same seats at the same prices, byte for byte."""
    first, second = (a_market(seed=seed, events=events, seats=seats) for _ in range(2))

    assert first.take(200, NOON) == second.take(200, NOON)


def test_batches_do_not_change_the_sequence() -> None:
    """Asked for in pieces or at once, the market shows the same; other seeds show others."""
    whole = a_market().take(300, NOON)
    market = a_market()

    assert [seen for _ in range(300) for seen in market.take(1, NOON)] == whole
    assert a_market(seed=8).take(300, NOON) != whole


def test_key_is_the_seat_key() -> None:
    """Kafka's key is made of what the record says."""
    for seen in a_market().take(100, NOON):
        event = read(seen)

        parts = (event.event_id, event.source, event.section, event.row, event.seat)
        assert seen.outgoing.key == seat_key(*parts)


def test_clock_that_steps_back_is_not_followed() -> None:
    """A seat's timestamps never decrease: the pipeline would take its prices for late ones."""
    market = a_market()
    market.take(150, NOON + timedelta(minutes=1))
    (seen,) = market.take(1, NOON)

    assert read(seen, NOON).timestamp == NOON + timedelta(minutes=1)


def test_pairs_are_two_tickets() -> None:
    """The quantity agrees with the seats: `11-12` is two, `11` is one."""
    seen = [read(observation) for observation in a_market().take(100, NOON)]

    assert {event.quantity for event in seen} == {1, 2}
    assert all((event.quantity == 2) == ("-" in event.seat) for event in seen)
