"""The poller: what it publishes, what it notes, and what a kill between any two steps costs."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from conscope_app.domains.tickets.market import decode_snapshot
from conscope_app.http.bounded_http import Response
from conscope_app.http.fetching import BrokeOff
from conscope_app.sources.adapter import Answer, Request
from conscope_app.sources.base import Outgoing
from conscope_app.sources.poller import Outlets, Poller
from conscope_app.sources.polling.events import EventState
from conscope_app.sources.polling.health import Health
from conscope_app.sources.polling.plan import Plan
from conscope_app.sources.polling.turns import Changes, Memory
from tests.sources.polling.adapters import NOON, Item, SmallAdapter

KEY = "a-secret-of-many-letters"
SOON = NOON + timedelta(hours=2)


class Killed(BaseException):
    """The process is gone."""


@dataclass
class World:
    """All that is outside of the poller; `dies_at` is the step at which it is killed."""

    dies_at: int = -1
    steps: list[str] = field(default_factory=list)
    now: datetime = NOON + timedelta(seconds=5)
    arrived: list[Outgoing] = field(default_factory=list)
    handed: list[Outgoing] = field(default_factory=list)
    used: dict[int, int] = field(default_factory=dict)
    events: dict[str, EventState] = field(default_factory=dict)
    targets: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    answers: list[Response | Exception] = field(default_factory=list)
    recorded: list[tuple[str, Request, Answer]] = field(default_factory=list)
    health: list[Health] = field(default_factory=list)

    def step(self, name: str) -> None:
        self.steps.append(name)
        if len(self.steps) - 1 == self.dies_at:
            raise Killed

    async def get(self, target: str, headers: Mapping[str, str]) -> Response:
        self.step("ask")
        self.targets.append(target)
        self.headers.append(headers)
        answer = self.answers.pop(0) if self.answers else said(Item("e", SOON, Decimal(50)))
        if isinstance(answer, Exception):
            raise answer
        self.step("answered")
        return answer

    async def publish(self, records: Iterable[Outgoing]) -> None:
        self.step("publish")
        self.handed += records

    async def flush(self) -> None:
        self.step("flush")
        self.arrived += self.handed
        self.handed.clear()
        self.step("flushed")

    async def spend(self, hour: int, count: int) -> None:
        self.step("spend")
        self.used[hour] = max(self.used.get(hour, 0) + 1, count)
        self.step("spent")

    async def note(self, changes: Changes | None, plan: Plan, health: Health) -> None:
        self.step("note")
        if changes is not None:
            self.events.update({each.event_id: each for each in changes.events})
        self.health.append(health)
        self.step("noted")

    async def watched(self) -> Collection[str]:
        return {"e"}

    def record(self, source: str, request: Request, answer: Answer) -> None:
        self.recorded.append((source, request, answer))

    def poller(self) -> Poller:
        """A poller from what is stored, whose catalogue was walked just now."""
        adapter = SmallAdapter()
        stored = msgspec.json.decode(
            msgspec.json.encode(list(self.events.values())), type=list[EventState]
        )
        memory = Memory(events=stored or [EventState("e", starts_at=SOON)], used=self.used)
        plan = Plan(adapter, memory, random=lambda: 0.5, now=self.now - timedelta(seconds=2))
        for span in plan.catalogue.spans:
            span.walked_at, span.events = NOON, 1
        return Poller(
            adapter,
            plan,
            key=KEY,
            url="http://127.0.0.1:1/under",
            fetching=self,
            outlets=Outlets(self, self, self),
            notebook=self,
            clock=lambda: self.now,
            recording=self,
        )


def said(*items: Item, status: int = 200, body: bytes | None = None) -> Response:
    """What a vendor says."""
    return Response(status, {}, msgspec.json.encode(items) if body is None else body)


async def step(poller: Poller, world: World) -> None:
    """Until a request was made."""
    for _ in range(20):
        before = len(world.targets)
        rest = await poller.step()
        if len(world.targets) > before:
            return
        world.now += max(rest, timedelta(seconds=1))
    raise AssertionError("nothing was asked")


async def test_what_is_read_is_published_before_it_is_noted() -> None:
    """Prices under their seat key, snapshots under their event's id."""
    world = World()
    await step(world.poller(), world)

    price, snapshot = world.arrived
    assert b'"e"' in price.key
    assert (snapshot.key, decode_snapshot(snapshot.value).lowest) == (b"e", Decimal(50))
    assert world.steps.index("spent") < world.steps.index("ask")
    assert world.steps.index("note") > max(
        at for at, name in enumerate(world.steps) if name == "flushed"
    )
    assert world.events["e"].seen_at == world.now


@pytest.mark.parametrize("dies_at", range(14))
async def test_a_kill_anywhere_repeats_a_poll_and_loses_none(dies_at: int) -> None:
    """What was asked and is not noted is asked again, and every request was counted."""
    world = World(dies_at=dies_at)
    try:
        await step(world.poller(), world)
    except Killed:
        pass
    is_noted = "e" in world.events
    world.dies_at = -1
    if not is_noted:
        await step(world.poller(), world)

    assert world.events["e"].seen_at is not None
    assert {each.key for each in world.arrived} == {b'["e","small","A","1","1"]', b"e"}
    assert sum(world.used.values()) >= len(world.targets)


async def test_a_price_that_kafka_does_not_take_is_not_noted() -> None:
    """The error ends this poller; another one begins from what is stored."""
    world = World()

    async def refuse() -> None:
        raise OSError("away")

    world.flush = refuse  # type: ignore[method-assign]
    with pytest.raises(OSError, match="away"):
        await step(world.poller(), world)

    assert world.events == {}


async def test_the_key_is_sent_and_is_in_nothing_that_is_kept() -> None:
    """Not even where the vendor repeats it."""
    body = msgspec.json.encode([Item(f"e-{KEY}", SOON)])
    world = World(answers=[said(body=body)])
    await step(world.poller(), world)

    assert world.targets[0].endswith(f"key={KEY}")
    assert world.targets[0].startswith("/under/some?")
    kept = repr((world.recorded, world.arrived, world.events, world.health, world.steps))
    assert KEY not in kept
    assert world.recorded[0][0] == "small"


async def test_half_an_answer_is_noted_as_a_failure_and_publishes_nothing() -> None:
    """What it would have said of the market is not known."""
    world = World(answers=[BrokeOff("the answer broke off")] * 3)
    poller = world.poller()
    for _ in range(3):
        await step(poller, world)

    assert world.arrived == []
    assert world.health[-1] == Health("failing", "the answer broke off")


async def test_an_etag_is_sent_back() -> None:
    """And what has not changed counts as seen."""
    first = Response(200, {"etag": '"7"'}, msgspec.json.encode([Item("e", SOON)]))
    world = World(answers=[first, said(status=304, body=b"")])
    poller = world.poller()
    await step(poller, world)
    published = len(world.arrived)
    world.now += timedelta(hours=1)
    await step(poller, world)

    assert world.headers[-1].get("if-none-match") == '"7"' or "/all" in world.targets[-1]
    assert len(world.arrived) == published


async def test_a_poller_that_has_nothing_to_do_rests() -> None:
    """Half a minute at most, as something may change from outside."""
    world = World()
    poller = world.poller()
    await step(poller, world)
    world.now += timedelta(seconds=1)

    rest = await asyncio.wait_for(poller.step(), 5)

    assert timedelta(0) < rest <= timedelta(seconds=30)
