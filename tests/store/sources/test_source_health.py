"""A vendor that goes bad and good again, over HTTP: what is noted, shown, and told to watches."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial

import msgspec
import pytest

from conscope_app.alerting.watches.control import Happens
from conscope_app.domains.tickets.happenings import source_subject
from conscope_app.http.fetching import Fetcher
from conscope_app.local.standins.misbehaviour import Kind, Misbehaviour
from conscope_app.local.standins.server import serving
from conscope_app.local.standins.standin import KEY, StandIns
from conscope_app.poll_notebook import PostgresNotebook
from conscope_app.sources.base import Outgoing
from conscope_app.sources.poller import Outlets, Poller
from conscope_app.sources.polling.events import MISSES_TO_DOUBT
from conscope_app.sources.polling.plan import Plan
from conscope_app.sources.polling.spells import ILL_AFTER, WELL_AFTER
from conscope_app.sources.tickets.seatgeek import SeatGeek
from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Connection, Database
from conscope_app.store.sources import leases
from conscope_app.store.sources.standings import PolledSource, polled_sources
from tests.local.standins.asking import OPENED, a_market

pytestmark = pytest.mark.postgres

ME = "worker-1"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Outlet:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.arrived: list[Outgoing] = []

    async def publish(self, records: Iterable[Outgoing]) -> None:
        self.arrived += records

    async def flush(self) -> None:
        """It has arrived."""


class Polling:
    """A poller of the stand-in, and the clock of both. `begin` is what a new worker does."""

    def __init__(self, database: Database, standins: StandIns, url: str) -> None:
        self.now = OPENED
        self.watched, self._prices, self._snapshots = Outlet(), Outlet(), Outlet()
        self._database, self._standin = database, standins.by_name["seatgeek"]
        self.fetcher, self._url = Fetcher(url, private=True), url
        self._poller: Poller

    async def begin(self) -> None:
        adapter = SeatGeek()
        notebook = PostgresNotebook(
            self._database, adapter, holder=ME, fingerprint="k", clock=lambda: self.now
        )
        memory = await notebook.memory()
        self._poller = Poller(
            adapter,
            Plan(adapter, memory, random=lambda: 0.5, now=self.now),
            key=KEY,
            url=self._url,
            fetching=self.fetcher,
            outlets=Outlets(self._prices, self._snapshots, self.watched),
            notebook=notebook,
            clock=lambda: self.now,
        )

    async def until(self, moment: datetime) -> PolledSource:
        """How the source is doing then."""
        while self.now < moment:
            rest = await self._poller.step()
            self.now += max(rest, timedelta(seconds=1))
        return await self.standing()

    async def until_it_is(self, *health: str) -> PolledSource:
        """How the source is doing as soon as it is doing so."""
        latest = self.now + timedelta(days=2)
        while (found := await self.standing()).health not in health:
            assert self.now < latest, f"it is {found.health}, {found.reason}"
            await self.until(self.now + timedelta(minutes=1))
        return found

    async def standing(self) -> PolledSource:
        def read(connection: Connection) -> list[PolledSource]:
            with briefly(connection) as cursor:
                return polled_sources(cursor, self.now, MISSES_TO_DOUBT)

        [found] = await self._database.run(read)
        return found

    def goes(self, kind: Kind | None) -> None:
        """From now on the vendor does this to each request."""
        self._standin.misbehaviour = Misbehaviour()
        self._standin.misbehaviour.then(*[kind] * 10_000)

    @property
    def told(self) -> list[Happens]:
        """What watches were told."""
        return [msgspec.json.decode(each.value, type=Happens) for each in self.watched.arrived]


@asynccontextmanager
async def polling(database: Database) -> AsyncIterator[Polling]:
    """Some events of a vendor that is well, looked at for an hour."""
    await database.run(partial(leases.take, source="seatgeek", holder=ME, lease_s=3_600.0))
    standins = StandIns(a_market(events=40))
    made: list[Polling] = []
    async with serving(standins, clock=lambda: made[0].now) as url:
        made.append(Polling(database, standins, url))
        try:
            await made[0].begin()
            await made[0].until(OPENED + HOUR)
            yield made[0]
        finally:
            await made[0].fetcher.close()


async def test_a_vendor_goes_bad_and_good_again(database: Database) -> None:
    """First it lists nothing, then it fails: one spell, told once, and so is its end."""
    async with polling(database) as at:
        well = await at.standing()
        assert (well.health, well.worker, well.told) == ("healthy", ME, False)
        assert well.seen == well.usual > 10
        assert (well.breaker, well.trouble, at.told) == ("closed", None, [])

        at.goes("empty list")
        empty = await at.until_it_is("empty", "short")
        assert empty.seen < empty.usual
        await at.until(at.now + ILL_AFTER)
        [begun] = at.told
        assert (begun.subject, begun.what) == (source_subject("seatgeek"), "source_unhealthy")
        assert begun.observed_at + ILL_AFTER <= at.now

        at.goes("error")
        failing = await at.until_it_is("failing")
        assert failing.reason == "answered with 500"
        assert failing.trouble == "answered with 500"
        assert failing.told

        at.goes(None)
        await at.until_it_is("healthy")
        again = await at.until(at.now + WELL_AFTER + HOUR)
        assert (again.health, again.told) == ("healthy", False)
        ended = at.told[1]
        assert (ended.what, ended.undoes) == ("source_healthy", ("source_unhealthy",))
        assert ended.observed_at > begun.observed_at
        assert len(at.told) == 2


async def test_one_failure_tells_nobody(database: Database) -> None:
    """Neither do some minutes of them."""
    async with polling(database) as at:
        at.goes("error")
        await at.until_it_is("failing")
        await at.until(at.now + ILL_AFTER - timedelta(minutes=6))
        at.goes(None)
        await at.until(at.now + WELL_AFTER + HOUR)

        assert at.told == []
        assert (await at.standing()).health == "healthy"


@pytest.mark.parametrize("killed_at", ["publish", "flush"])
async def test_a_kill_while_people_are_told_repeats_it_for_the_watches_to_know(
    database: Database, killed_at: str
) -> None:
    """The next poller begins with what was to be told, though all is well by then."""

    class Killed(BaseException):
        """The process is gone."""

    async def die(*_: object) -> None:
        raise Killed

    async with polling(database) as at:
        at.goes("error")
        setattr(at.watched, killed_at, die)
        with pytest.raises(Killed):
            await at.until(at.now + DAY)
        before = len(at.told)
        delattr(at.watched, killed_at)

        at.goes(None)
        await at.begin()
        await at.until(at.now + HOUR)

        found = at.told
        assert len(found) == before + 2
        assert [each.what for each in found[-2:]] == ["source_unhealthy", "source_healthy"]
        assert len({each.observed_at for each in found}) == 2


async def test_a_source_is_asked_again_when_somebody_says_so(database: Database) -> None:
    """Its key with it; whoever polled it has lost it."""
    async with polling(database) as at:
        at._standin._key = "another key"
        await at.until_it_is("not authorised")
        assert [each.what for each in at.told] == ["source_unhealthy"]

        assert await database.run(partial(leases.release, source="seatgeek"))
        assert not await database.run(partial(leases.release, source="another"))
        with pytest.raises(leases.LeaseLost):
            await database.run(partial(leases.keep, source="seatgeek", holder=ME))

        at._standin._key = KEY
        await database.run(partial(leases.take, source="seatgeek", holder=ME, lease_s=3_600.0))
        await at.begin()
        assert (await at.until(at.now + HOUR)).health == "healthy"
        assert [each.what for each in at.told] == ["source_unhealthy", "source_healthy"]
