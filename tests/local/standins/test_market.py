"""The simulated market: it follows from its seed and the moment, and things happen in it."""

from datetime import timedelta

from conscope_app.local.standins.market import Market, Prices
from conscope_app.local.standins.shows import Show
from tests.local.standins.asking import OPENED, a_market

HALF_AN_HOUR = timedelta(minutes=30)


def price_of(market: Market, show: Show, age: timedelta) -> Prices | None:
    turn = show.turn(OPENED + age)
    return None if turn is None else market.prices(show, turn, OPENED + age)


def on_sale(market: Market) -> Show:
    """A show that is on sale from the market's opening on, and that nothing happens to."""
    return next(
        show
        for show in market.shows
        if len(show.turns) == 2
        and show.on_sale_at < OPENED
        and show.first_starts_at > OPENED + timedelta(days=90)
    )


def test_the_same_seed_is_the_same_market_in_whatever_order_it_is_looked_at() -> None:
    one, other = a_market(), a_market()
    show = on_sale(one)
    ages = [timedelta(hours=hours) for hours in range(0, 200, 7)]

    assert one.shows == other.shows
    backwards = [price_of(other, show, age) for age in reversed(ages)]
    assert [price_of(one, show, age) for age in ages] == backwards[::-1]
    assert a_market(seed=4).shows != one.shows


def test_prices_move_and_hold_in_between() -> None:
    market = a_market()
    show = on_sale(market)
    month = [price_of(market, show, HALF_AN_HOUR * step) for step in range(48 * 30)]
    lowest = [prices.lowest for prices in month if prices is not None]

    assert len(lowest) == len(month)
    assert len(set(lowest)) > 100
    assert price_of(market, show, timedelta()) == price_of(market, show, timedelta(minutes=29))
    for prices in month:
        assert prices is not None
        assert 0 < prices.lowest <= prices.median <= prices.average <= prices.highest


def test_everything_that_can_happen_to_an_event_happens_within_a_month() -> None:
    market = a_market(events=2_000)
    happened: set[tuple[str, str]] = set()
    for show in market.shows:
        for before, after in zip(show.turns, show.turns[1:], strict=False):
            if OPENED < after.at < OPENED + timedelta(days=30):
                happened.add((before.status, after.status))

    assert happened >= {
        ("offsale", "onsale"),
        ("onsale", "offsale"),
        ("onsale", "cancelled"),
        ("cancelled", "rescheduled"),
        ("onsale", "rescheduled"),
        ("onsale", "postponed"),
        ("postponed", "rescheduled"),
    }


def test_turns_are_in_the_order_of_time() -> None:
    for show in a_market(events=2_000).shows:
        assert list(show.turns) == sorted(show.turns, key=lambda turn: turn.at)


def test_what_is_not_announced_and_what_is_over_cannot_be_seen() -> None:
    show = on_sale(a_market())

    assert show.turn(show.turns[0].at - timedelta(seconds=1)) is None
    assert show.turn(show.first_starts_at) is not None
    assert show.turn(show.first_starts_at + timedelta(days=1)) is None


def test_the_vendors_overlap_and_each_has_events_of_its_own() -> None:
    market = a_market(events=1_000)
    at_seatgeek = sum(show.is_at_seatgeek for show in market.shows)
    at_ticketmaster = sum(show.is_at_ticketmaster for show in market.shows)
    pairs = market.pairs()

    assert 550 < len(pairs) < 650
    assert len(pairs) < at_seatgeek < 1_000
    assert len(pairs) < at_ticketmaster < 1_000
    assert all(show.is_at_seatgeek or show.is_at_ticketmaster for show in market.shows)
