"""What goes between a plan and whoever carries it out: requests, rests, changes, memories."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from conscope_app.sources.adapter import Reading, Request
from conscope_app.sources.polling.answers import Heard, Outcome
from conscope_app.sources.polling.breaker import Breaker
from conscope_app.sources.polling.catalogue import Page, Span
from conscope_app.sources.polling.events import EventState
from conscope_app.sources.polling.misreadings import Misreading, misreadings
from conscope_app.sources.polling.spells import Spell
from conscope_app.sources.polling.validators import Validator

Purpose = Literal["milestone", "catalogue", "look"]


class Asking(NamedTuple):
    """A request to send, without the key, and why."""

    request: Request
    purpose: Purpose
    etag: str | None = None
    page: Page | None = None


class Rest(NamedTuple):
    """Nothing is to be sent before `until`, unless something changes from outside."""

    until: datetime
    reason: str


class Memory(NamedTuple):
    """What is stored of a source between two lives of its poller."""

    events: Iterable[EventState] = ()
    spans: Iterable[Span] = ()
    used: Mapping[int, int] = {}  # requests by the hour, counted from 1970
    validators: Mapping[str, Validator] = {}
    refused: Collection[str] = ()
    breaker: Breaker = Breaker()
    closed_until: datetime | None = None
    barred: str | None = None  # of the key that is used now
    answered_at: datetime | None = None
    spell: Spell = Spell()


@dataclass(slots=True)
class Changes:
    """What an answer has changed, to be stored after what it said is published."""

    outcome: Outcome
    events: list[EventState] = field(default_factory=list)
    span: Span | None = None
    validator: tuple[str, Validator] | None = None
    refused: str | None = None

    @property
    def reading(self) -> Reading | None:
        """What is to be published."""
        return self.outcome.reading if isinstance(self.outcome, Heard) else None

    @property
    def misread(self) -> list[Misreading]:
        """What of it could not be read."""
        reading = self.reading
        return [] if reading is None else misreadings(reading.refused)
