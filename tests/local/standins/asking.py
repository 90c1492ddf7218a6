"""Asks a stand-in what an adapter would ask, without a socket, and reads the answer."""

from datetime import UTC, datetime, timedelta

from conscope_app.domains.tickets.market import MarketSnapshot
from conscope_app.local.standins.exchange import Asked, Reply
from conscope_app.local.standins.market import Market
from conscope_app.local.standins.standin import KEY, StandIns
from conscope_app.sources.adapter import Adapter, Answer, Reading, Request
from conscope_app.sources.tickets.seatgeek import SeatGeek
from conscope_app.sources.tickets.ticketmaster import Ticketmaster

OPENED = datetime(2027, 3, 1, tzinfo=UTC)
ADAPTERS: dict[str, Adapter] = {"seatgeek": SeatGeek(), "ticketmaster": Ticketmaster()}


def a_market(*, seed: int = 3, events: int = 200) -> Market:
    return Market(seed=seed, events=events, opened_at=OPENED)


class Client:
    """A client whose clock moves by a second with each request, so that no limit is passed."""

    def __init__(self, standins: StandIns, vendor: str) -> None:
        self.standins = standins
        self.adapter = ADAPTERS[vendor]
        self.now = OPENED

    def ask(self, request: Request, **headers: str) -> Reply:
        self.now += timedelta(seconds=1)
        signed = self.adapter.signed(request, KEY)
        return self.standins.answer(Asked(signed.path, signed.query, headers), self.now)

    def read(self, request: Request) -> Reading:
        reply = self.ask(request)
        headers = {name.lower(): value for name, value in reply.headers.items()}
        return self.adapter.read(request, Answer(reply.status, headers, reply.body, self.now))

    def catalogue(self, begin: datetime, end: datetime) -> dict[str, MarketSnapshot]:
        """All events of that time, asked for in halves where paging does not reach."""
        further: Request | None = self.adapter.catalogue(begin, end)
        found: dict[str, MarketSnapshot] = {}
        while further is not None:
            reading = self.read(further)
            if reading.is_cut:
                middle = begin + (end - begin) / 2
                return self.catalogue(begin, middle) | self.catalogue(middle, end)
            found |= {market.event_id: market for market in reading.markets}
            further = reading.further
        return found
