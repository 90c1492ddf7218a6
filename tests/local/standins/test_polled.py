"""The stand-ins over real HTTP, polled by the real poller: where each of their faults leads."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from conscope_app.domains.tickets.market import decode_snapshot
from conscope_app.http.fetching import Fetcher
from conscope_app.local.standins.misbehaviour import Kind
from conscope_app.local.standins.server import serving
from conscope_app.local.standins.standin import KEY, StandIn, StandIns
from conscope_app.sources.base import Outgoing
from conscope_app.sources.poller import Outlets, Poller
from conscope_app.sources.polling.answers import Failed, Heard, Outcome, Trouble, Unchanged
from conscope_app.sources.polling.health import Health
from conscope_app.sources.polling.plan import Plan
from conscope_app.sources.polling.turns import Changes, Memory
from conscope_app.sources.registry import open_adapter
from tests.local.standins.asking import OPENED, a_market

VENDORS = ("seatgeek", "ticketmaster")

# A silence is told from an answer by this; half a minute would show no more.
_ANSWER_S = 0.4


class Watches(NamedTuple):
    """Who is told how the source itself is doing."""

    told: list[Outgoing]

    async def publish(self, records: Iterable[Outgoing]) -> None:
        self.told.extend(records)

    async def flush(self) -> None:
        """Nothing is on its way."""


@dataclass
class Polled:
    """A vendor's stand-in and its poller; the clock moves only when it rests."""

    vendor: str
    url: str = ""
    now: datetime = OPENED
    changes: list[Changes] = field(default_factory=list)
    health: list[Health] = field(default_factory=list)
    records: list[Outgoing] = field(default_factory=list)
    told: list[Outgoing] = field(default_factory=list)
    standins: StandIns = field(default_factory=lambda: StandIns(a_market(events=60)))

    @property
    def standin(self) -> StandIn:
        return self.standins.by_name[self.vendor]

    def begin(self, url: str) -> None:
        adapter = open_adapter(f"simulated-{self.vendor}")
        self.plan = Plan(adapter, Memory(), random=lambda: 0.5, now=self.now)
        self.fetcher = Fetcher(url, answer_s=_ANSWER_S, private=True)
        self.poller = Poller(
            adapter,
            self.plan,
            key=KEY,
            url=url,
            fetching=self.fetcher,
            outlets=Outlets(self, self, Watches(self.told)),
            notebook=self,
            clock=lambda: self.now,
        )

    async def ask(self, kind: Kind | None = None) -> Outcome:
        """What comes of the next request, which goes wrong in that way."""
        self.standin.misbehaviour.then(kind)
        before = len(self.changes)
        while len(self.changes) == before:
            assert self.now < OPENED + timedelta(days=20), "it does not come to that"
            self.now += max(await self.poller.step(), timedelta(seconds=0.25))
        return self.changes[-1].outcome

    async def walk(self) -> None:
        """Until all that there is was read."""
        while any(each.walked_at is None for each in self.plan.catalogue.spans):
            await self.ask()

    async def publish(self, records: Iterable[Outgoing]) -> None:
        self.records += records

    async def flush(self) -> None:
        """Nothing is on its way."""

    async def spend(self, hour: int, count: int) -> None:
        """Nobody else counts."""

    async def note(self, changes: Changes | None, plan: Plan, health: Health) -> None:
        self.health.append(health)
        if changes is not None:
            self.changes.append(changes)

    async def watched(self) -> Collection[str]:
        return ()


@pytest.fixture(params=VENDORS)
async def polled(request: pytest.FixtureRequest) -> AsyncIterator[Polled]:
    """One vendor, which behaves well unless it is asked not to."""
    polled = Polled(request.param)
    async with serving(polled.standins, clock=lambda: polled.now) as url:
        polled.begin(url)
        yield polled
        await polled.fetcher.close()


FAULTS: Mapping[Kind, Trouble] = {
    "busy": Trouble.TOO_MANY,
    "error": Trouble.SERVER,
    "page": Trouble.HTML,
    "silence": Trouble.TIMEOUT,
    "half": Trouble.HALF_BODY,
    "renamed list": Trouble.MISREAD,
}


async def test_each_fault_is_told_from_the_others_and_gone_after_it(polled: Polled) -> None:
    """Nothing is published of it, nothing is known less; three in a row are a failing source."""
    await polled.walk()
    known, published = len(polled.plan.timetable.events), len(polled.records)
    for kind, trouble in FAULTS.items():
        outcome = await polled.ask(kind)
        while isinstance(outcome, Heard) and not outcome.reading.total:
            outcome = await polled.ask(kind)  # a day on which nothing takes place has no list
        assert isinstance(outcome, Failed), kind
        assert outcome.trouble is trouble
        assert len(polled.records) == published
        asked_at = polled.now
        assert isinstance(await polled.ask(), Heard | Unchanged)
        assert polled.now - asked_at >= timedelta(seconds=1)
        published = len(polled.records)
    for _ in range(3):
        await polled.ask("error")
    assert polled.health[-1].state == "failing"
    await polled.ask()

    assert polled.health[-1].state == "healthy"
    assert len(polled.plan.timetable.events) >= known - 5  # some have begun meanwhile
    report = polled.standin.counts.report()
    assert (report["invalid"], report["over_a_second"], report["unsigned"]) == (0, 0, 0)


async def test_all_that_it_has_is_published_as_simulated(polled: Polled) -> None:
    """No id and no source is the vendor's own."""
    await polled.walk()
    snapshots = [decode_snapshot(each.value) for each in polled.records]

    assert len({each.event_id for each in snapshots}) > 10
    assert {each.source for each in snapshots} == {f"simulated-{polled.vendor}"}
    assert all(
        each.key.startswith(f"simulated-{polled.vendor}-".encode()) for each in polled.records
    )


async def test_nothing_has_changed_is_understood(polled: Polled) -> None:
    """A day later, of what is far away: seen, and not published again."""
    await polled.walk()
    polled.now += timedelta(days=1)
    while True:
        before = len(polled.records)
        outcome = await polled.ask()
        if isinstance(outcome, Unchanged) and polled.changes[-1].span is not None:
            break

    assert len(polled.records) == before
    assert polled.standin.counts.statuses[304] > 0


async def test_prices_in_another_shape_are_none_and_the_source_is_short(polled: Polled) -> None:
    """The events are there, none is missed, and what was refused is counted by its field."""
    await polled.walk()
    while polled.health[-1].state != "short":
        await polled.ask("changed field")
    fields = {each.field for changes in polled.changes for each in changes.misread}
    while polled.health[-1].state != "healthy":
        await polled.ask()

    assert any("price" in each for each in fields), fields
    assert all(event.misses == 0 for event in polled.plan.timetable.events.values())


async def test_a_vendor_that_says_it_has_nothing_is_empty(polled: Polled) -> None:
    """And nothing it had is gone for that."""
    await polled.walk()
    known = len(polled.plan.timetable.open_events(polled.now))
    while polled.health[-1].state != "empty":
        await polled.ask("empty list")
    assert len(polled.plan.timetable.open_events(polled.now)) >= known - 5
    while polled.health[-1].state == "empty":
        await polled.ask()
