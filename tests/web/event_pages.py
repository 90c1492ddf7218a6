"""The market of the simulated source, rolled up as far as a page of an event shows it."""

from datetime import timedelta
from typing import Any

import msgspec

from conscope_app.domains.tickets.records import PriceEvent
from conscope_app.sources.tickets.mock import SOURCE, MockMarket
from tests.store.market.event.market_rows import MarketRows
from tests.web.reports import NOW

MOCK_EVENT = "test_taylor_swift_2025"
_ROUNDS = 6
_DAY_MINUTES = 1_440
_decode = msgspec.json.Decoder(PriceEvent).decode


def a_mock_market(rows: MarketRows, seats: int = 100) -> None:
    """The first event of the mock source: its seats seen a few times, its prices for a week."""
    market = MockMarket(seed=7, events=1, seats=seats, opened_at=NOW - timedelta(days=3))
    seen: dict[bytes, list[PriceEvent]] = {}
    for number in range(_ROUNDS):
        at = NOW - timedelta(hours=7 * (_ROUNDS - 1 - number))
        for each in market.take(seats, at):
            seen.setdefault(each.outgoing.key, []).append(_decode(each.outgoing.value))
    rows.tables.run("BEGIN")  # one commit for all of it
    about = next(iter(seen.values()))[-1]
    named = {"event_name": about.event_name, "venue": about.venue, "event_date": about.event_date}
    rows.event(MOCK_EVENT, **named)
    rows.source(SOURCE, MOCK_EVENT, last_seen_at=NOW - timedelta(seconds=3))
    for number, prices in enumerate(seen.values()):
        is_gone = number % 12 == 0
        _seat(rows, prices[:-1] if is_gone else prices)
    lowest = min(prices[-1].price for prices in seen.values())
    rows.market(event_id=MOCK_EVENT, **named, lowest_day_ago=lowest + 11)
    _spans(rows, int(lowest))
    rows.tables.run("COMMIT")


def _seat(rows: MarketRows, prices: list[PriceEvent]) -> None:
    first, last = prices[0], prices[-1]
    amounts = [each.price for each in prices]
    moves: dict[str, Any] = {"previous_price": prices[-2].price, "moved_at": last.timestamp}
    rows.seat(
        last.seat,
        last.price,
        MOCK_EVENT,
        source=SOURCE,
        section=last.section,
        row=last.row,
        total_price=last.total_price,
        quantity=last.quantity,
        listing_url=last.listing_url,
        first_price=first.price,
        first_seen_at=first.timestamp,
        lowest=min(amounts),
        highest=max(amounts),
        last_seen_at=last.timestamp,
        **moves,
    )


def _spans(rows: MarketRows, lowest: int) -> None:
    """A week by days and hours, its last day by quarters of an hour; ever cheaper."""
    series = rows.series(event_id=MOCK_EVENT)
    for minutes, count in ((_DAY_MINUTES, 7), (60, 7 * 24), (15, 4 * 24)):
        begun = NOW.timestamp() // (minutes * 60) * (minutes * 60)
        newest = NOW - timedelta(seconds=NOW.timestamp() - begun)
        for number in range(count):
            cost = lowest + number * minutes // 600 + number * 7 % 5
            rows.span(
                series,
                minutes,
                newest - timedelta(minutes=minutes * number),
                observations=100,
                drops=3 if minutes < _DAY_MINUTES else 300,
                lowest=cost,
                lower_quartile=cost + 40,
                median=cost + 95,
                upper_quartile=cost + 210,
                highest=cost + 500,
            )
