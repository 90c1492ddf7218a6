"""The simulation: the plan asks, a vendor answers, the clock is handed in, pollers are killed."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from bench.polling.figures import Kept, Looks
from bench.polling.market import FURTHEST_DAYS, OPENED_AT, a_market
from bench.polling.plain_adapter import PlainAdapter
from bench.polling.vendor import SILENCE, Manner, Vendor
from conscope_app.sources.polling.answers import Failed, Trouble
from conscope_app.sources.polling.breaker import Breaker
from conscope_app.sources.polling.catalogue import Span
from conscope_app.sources.polling.events import EventState
from conscope_app.sources.polling.plan import Plan
from conscope_app.sources.polling.turns import Asking, Changes, Memory
from conscope_app.sources.polling.validators import Validator

LATENCY = timedelta(milliseconds=200)

# Limits as Ticketmaster states them, and as somebody would who has little to give and says nothing.
OPEN_HANDED = Manner("plenty", 2.0, 5_000, 200, 1_000, 1, timedelta(0), True, False)
TIGHT = Manner("tight", 0.5, 500, 50, 500, 20, timedelta(hours=8), False, True)


@dataclass(slots=True)
class Stored:
    """What a real poller has in its database: it survives a kill."""

    events: dict[str, EventState] = field(default_factory=dict)
    spans: dict[tuple[datetime, datetime], Span] = field(default_factory=dict)
    used: dict[int, int] = field(default_factory=dict)
    validators: dict[str, Validator] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    breaker: Breaker = field(default_factory=Breaker)

    def note(self, changes: Changes, plan: Plan) -> None:
        """Keep what has changed."""
        self.events.update((each.event_id, copy(each)) for each in changes.events)
        if changes.span is not None:
            self.spans[changes.span.begin, changes.span.end] = copy(changes.span)
        if changes.validator is not None:
            self.validators[changes.validator[0]] = changes.validator[1]
        if changes.refused is not None:
            self.refused.add(changes.refused)
        self.breaker = plan.breaker

    def memory(self) -> Memory:
        """What the next poller begins with."""
        return Memory(
            events=[copy(each) for each in self.events.values()],
            spans=[copy(each) for each in self.spans.values()],
            used=self.used,
            validators=self.validators,
            refused=self.refused,
            breaker=self.breaker,
        )


@dataclass(slots=True)
class Month:
    """A simulation that is over."""

    vendor: Vendor
    looks: Looks
    kept: Kept
    states: set[str]
    kills: int


def simulate(
    manner: Manner,
    *,
    events: int,
    days: int,
    seed: int,
    kills: int = 0,
    season_days: int = FURTHEST_DAYS,
) -> Month:
    """Poll one vendor for so many days; a kill may come at any moment, and nothing it loses counts.

    A quarter of the kills come between a request and its answer.
    """
    random = Random(seed)
    vendor = Vendor(manner, a_market(events, random, season_days), random, days)
    adapter, stored, looks = PlainAdapter(manner), Stored(), Looks()
    begin, end = OPENED_AT, OPENED_AT + timedelta(days=days)
    killed = sorted(begin + random.random() * (end - begin) for _ in range(kills))
    watched = {f"{manner.name}-{each.id}" for each in vendor.market[::50]}
    now, states = begin, set[str]()
    plan = _begin(adapter, stored, watched, random, now)
    while now < end:
        asking = plan.next(now)
        if not isinstance(asking, Asking):
            now = asking.until
            states.add(plan.health(now).state)
        else:
            hour, count = plan.spend(asking, now)
            stored.used[hour] = count
            answer = vendor.answer(asking.request, asking.etag, now)
            is_lost = bool(killed) and now >= killed[0] and random.random() < 0.25
            now += _took(answer)
            if is_lost:
                # What a killed poller was told, nobody knows: it may be asked once more.
                vendor.seen.invalid.discard(asking.request)
            else:
                looks.note(vendor.looks, now)
                if isinstance(answer, Failed):
                    changes = plan.fail(asking, answer, now)
                else:
                    changes = plan.hear(asking, answer._replace(received_at=now))
                stored.note(changes, plan)
        if killed and now >= killed[0]:
            killed.pop(0)
            plan = _begin(adapter, stored, watched, random, now)
    kept = looks.kept(vendor.market, begin + timedelta(days=1), end)
    return Month(vendor, looks, _without_outages(kept, vendor), states, kills)


def _begin(
    adapter: PlainAdapter, stored: Stored, watched: Iterable[str], random: Random, now: datetime
) -> Plan:
    plan = Plan(adapter, stored.memory(), random=random.random, now=now)
    plan.watch(frozenset(watched))
    return plan


def _took(answer: object) -> timedelta:
    is_silent = isinstance(answer, Failed) and answer.trouble is Trouble.TIMEOUT
    return SILENCE if is_silent else LATENCY


def _without_outages(kept: Kept, vendor: Vendor) -> Kept:
    """What the vendor itself did not let anybody see is not missed by the plan."""
    missed = [each for each in kept.missed if not vendor.is_down(each[1].due_at, each[1].ends_at)]
    return kept._replace(missed=missed)
