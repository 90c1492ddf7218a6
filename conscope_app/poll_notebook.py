"""What a poller remembers, in Postgres: the words of `sources.polling` as rows, and back."""

from collections.abc import Collection
from datetime import datetime
from functools import partial

import msgspec

from conscope_app.core.clock import Clock
from conscope_app.sources.adapter import Adapter, Request
from conscope_app.sources.polling.answers import Refused
from conscope_app.sources.polling.breaker import Breaker
from conscope_app.sources.polling.budget import hour_of, start_of
from conscope_app.sources.polling.catalogue import Span
from conscope_app.sources.polling.events import EventState
from conscope_app.sources.polling.health import Health
from conscope_app.sources.polling.plan import Plan
from conscope_app.sources.polling.spells import Spell
from conscope_app.sources.polling.turns import Changes, Memory
from conscope_app.sources.polling.validators import Validator
from conscope_app.store.engine import Database
from conscope_app.store.sources import notes
from conscope_app.store.sources.memories import (
    EventRow,
    MemoryRows,
    SpanRow,
    StateRow,
    read_memory,
    read_watched,
)
from conscope_app.store.sources.notes import MisreadRow, NoteRows

_decode = msgspec.msgpack.Decoder(Validator).decode
_encode = msgspec.msgpack.Encoder().encode

# The request of a span is made anew from its times.
_UNMADE = Request("")


class PostgresNotebook:
    """The memory of one source, written under the lease of `holder` only.

    `fingerprint` is the key's: what a key was barred for does not bar the next one.
    """

    def __init__(
        self, database: Database, adapter: Adapter, *, holder: str, fingerprint: str, clock: Clock
    ) -> None:
        self._database = database
        self._source = adapter.name
        self._holder = holder
        self._fingerprint = fingerprint
        self._clock = clock

    async def memory(self) -> Memory:
        """What was noted before."""
        now = self._clock()
        rows = await self._database.run(partial(read_memory, source=self._source, now=now))
        return _memory(rows, self._fingerprint)

    async def spend(self, hour: int, count: int) -> None:
        """Count a request before it is sent; raises `LeaseLost` where another polls by now."""
        who = (self._source, self._holder)
        await self._database.run(lambda c: notes.spend(c, *who, start_of(hour), count))

    async def note(self, changes: Changes | None, plan: Plan, health: Health) -> None:
        """Note what came of a request; raises `LeaseLost` where another polls by now."""
        now = self._clock()
        state = self._state(plan, health, now)
        rows = NoteRows() if changes is None else _rows(changes)
        who = (self._source, self._holder)
        await self._database.run(lambda c: notes.note(c, *who, state, rows, now))

    async def watched(self) -> Collection[str]:
        """The events that somebody watches by their name."""
        return await self._database.run(read_watched)

    def _state(self, plan: Plan, health: Health, now: datetime) -> StateRow:
        breaker = plan.breaker
        return StateRow(
            key=self._fingerprint,
            barred=plan.barred,
            breaker=breaker.state,
            failures=breaker.failures,
            openings=breaker.openings,
            blocked_until=breaker.until,
            trouble=breaker.reason,
            closed_until=plan.bucket.closed_until,
            answered_at=plan.answered_at,
            health=health.state,
            health_reason=health.reason,
            ill_since=plan.spell.ill_since,
            well_since=plan.spell.well_since,
            told_ill=plan.spell.told,
            telling=plan.spell.telling,
            per_day=plan.budget.per_day,
            next_milestone_at=plan.next_milestone_at(now),
        )


def _memory(rows: MemoryRows, fingerprint: str) -> Memory:
    state = rows.state
    breaker = msgspec.convert(
        (state.breaker, state.failures, state.blocked_until, state.trouble, state.openings), Breaker
    )
    return Memory(
        events=[msgspec.convert(each._asdict(), EventState) for each in rows.events],
        spans=[
            Span(each.begins_at, each.ends_at, _UNMADE, each.walked_at, each.pages, each.events)
            for each in rows.spans
        ],
        used={hour_of(hour): count for hour, count in rows.usage.items()},
        validators={request: _decode(held) for request, held in rows.validators.items()},
        refused=rows.refusals,
        breaker=breaker,
        closed_until=state.closed_until,
        barred=state.barred if state.key == fingerprint else None,
        answered_at=state.answered_at,
        spell=msgspec.convert(
            (state.ill_since, state.well_since, state.told_ill, state.telling), Spell
        ),
    )


def _rows(changes: Changes) -> NoteRows:
    validator, refusal = None, None
    if changes.validator is not None:
        validator = (changes.validator[0], _encode(changes.validator[1]))
    if changes.refused is not None:
        assert isinstance(changes.outcome, Refused)
        refusal = (changes.refused, changes.outcome.reason)
    return NoteRows(
        events=[_event_row(each) for each in changes.events],
        span=None if changes.span is None else _span_row(changes.span),
        validator=validator,
        refusal=refusal,
        misread=[MisreadRow(*each) for each in changes.misread],
    )


def _event_row(event: EventState) -> EventRow:
    return EventRow(
        event.event_id,
        event.starts_at,
        event.seen_at,
        event.asked_at,
        event.changed_at,
        event.digest,
        event.misses,
        event.standing,
    )


def _span_row(span: Span) -> SpanRow:
    walked_at: datetime | None = span.walked_at
    assert walked_at is not None
    return SpanRow(span.begin, span.end, walked_at, span.pages, span.events)
