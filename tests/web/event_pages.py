"""Pages of events, and markets rolled up as far as they show them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from typing import Any, NamedTuple

import msgspec
from aiohttp import ClientSession
from yarl import URL

from conscope_app.domains.tickets.records import PriceEvent
from conscope_app.sources.tickets.mock import SOURCE, MockMarket
from tests.store.ledgers import Tables
from tests.store.market.event.market_rows import EVENT, MarketRows, a_hall
from tests.web.reports import NOW
from tests.web.site import Site

MOCK_EVENT = "test_taylor_swift_2025"
_ROUNDS = 6
_DAY_MINUTES = 1_440
_decode = msgspec.json.Decoder(PriceEvent).decode


class Shown(NamedTuple):
    """A page that was answered, and what it says."""

    status: int
    html: str

    @property
    def words(self) -> str:
        """Its text, with one blank between words."""
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.html)).split())


@contextmanager
def market_rows(database_url: str) -> Iterator[MarketRows]:
    """The tables without a market, before and after."""
    with Tables(database_url) as tables:
        made = MarketRows(tables)
        yield made
        made.clear()


async def page(site: Site, path: str) -> Shown:
    """What a browser is given for an address that is encoded already."""
    address = URL(site.url + path, encoded=True)
    async with ClientSession() as client, client.get(address) as answer:
        return Shown(answer.status, await answer.text())


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
    named: dict[str, Any] = {"event_name": about.event_name, "venue": about.venue}
    named["event_date"] = about.event_date
    rows.event(MOCK_EVENT, **named)
    rows.source(SOURCE, MOCK_EVENT, last_seen_at=NOW - timedelta(seconds=3))
    for number, prices in enumerate(seen.values()):
        is_gone = number % 12 == 0
        _seat(rows, prices[:-1] if is_gone else prices)
    lowest = min(prices[-1].price for prices in seen.values())
    rows.market(event_id=MOCK_EVENT, **named, lowest_day_ago=lowest + 11)
    _spans(rows, rows.series(event_id=MOCK_EVENT), int(lowest))
    rows.tables.run("COMMIT")


def a_charted_hall(rows: MarketRows) -> None:
    """The hall of two sources and three sections, with a week of prices of each and of all."""
    a_hall(rows)
    names = {"event": [""], "source": ["seatgeek", "mock-simulated"], "section": ["102", "Floor"]}
    for scope, found in names.items():
        for name in found:
            _spans(rows, rows.series(scope, name), 80)


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


def _spans(rows: MarketRows, series: int, lowest: int) -> None:
    """A week by days and hours, its last day by quarters of an hour; ever cheaper."""
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


def markets_over_time(rows: MarketRows, days: int = 12) -> None:
    """An event without seats at three sources: one that says all, one the lowest, one in euros.

    Three times a day; ticketmaster names no price for two days, and is asked last 12 hours ago.
    """
    rows.event(is_priced=False)
    rows.event("seatgeek-7", is_priced=False)
    for event_id in (EVENT, "seatgeek-7"):
        rows.insert("event_match_members", event_id=event_id, group_id="g", joined_at=NOW)
    for look in range(days * 3, 0, -1):
        at = NOW - timedelta(hours=8 * look - 1)
        is_none = 9 <= look < 15
        rows.snapshot(
            "ticketmaster",
            observed_at=at - timedelta(hours=4),
            currency=None if is_none else "USD",
            basis=None if is_none else "face_value",
            lowest=None if is_none else f"{50 + look % 3}.50",
        )
        rows.snapshot(
            "seatgeek",
            "seatgeek-7",
            observed_at=at,
            currency="USD",
            basis="all_in",
            lowest=60 + look,
            median=100 + look * 3 // 2,
            average=f"{110 + look * 2}.25",
        )
        if look % 5 == 0:
            rows.snapshot("eventim", observed_at=at, currency="EUR", basis="listed", lowest=80)
    for number, (kind, hours) in enumerate((("on_sale", 200), ("few_left", 90), ("sold_out", 30))):
        rows.change(number, kind, at=NOW - timedelta(hours=hours))
