"""What was asked of a stand-in: the counts by which a poller can be judged."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from conscope_app.local.standins.exchange import Asked

_AGAIN_WITHIN = timedelta(minutes=1)
_KEPT = 20

# Of either vendor: whoever takes one for the other does not find the key in the report.
_KEYS = frozenset({"client_id", "client_secret", "apikey"})

Question = tuple[str, tuple[tuple[str, str], ...]]


@dataclass
class AskedOf:
    """Requests by what became of them; a question is a request without its key."""

    asked: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    misbehaved: Counter[str] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)
    unsigned: int = 0
    over_a_second: int = 0
    over_a_day: int = 0
    invalid: int = 0
    invalid_again: int = 0
    again_within_a_minute: int = 0
    events: int = 0
    first_invalid: list[str] = field(default_factory=list)
    _invalid: set[Question] = field(default_factory=set)
    _answered: dict[Question, datetime] = field(default_factory=dict)

    def count_invalid(self, question: Question) -> None:
        """A question that no vendor takes; it is worse to ask it again."""
        self.invalid += 1
        self.invalid_again += question in self._invalid
        self._invalid.add(question)
        if len(self.first_invalid) < _KEPT:
            self.first_invalid.append(str(question))

    def count_answered(self, question: Question, events: int, now: datetime) -> None:
        """A question that was answered well; nothing can have changed a moment later."""
        while self._answered and now - next(iter(self._answered.values())) >= _AGAIN_WITHIN:
            del self._answered[next(iter(self._answered))]
        self.again_within_a_minute += self._answered.pop(question, None) is not None
        self._answered[question] = now  # at the end: the oldest stands first
        self.events += events

    def report(self) -> dict[str, Any]:
        """The counts, as JSON has them."""
        return {
            "asked": self.asked,
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "misbehaved": dict(sorted(self.misbehaved.items())),
            "most_in_a_day": max(self.days.values(), default=0),
            "unsigned": self.unsigned,
            "over_a_second": self.over_a_second,
            "over_a_day": self.over_a_day,
            "invalid": self.invalid,
            "invalid_again": self.invalid_again,
            "first_invalid": self.first_invalid,
            "again_within_a_minute": self.again_within_a_minute,
            "events": self.events,
        }


def question(asked: Asked) -> Question:
    """The request without any key, whatever the order of its parameters."""
    return asked.path, tuple(sorted(pair for pair in asked.query if pair[0] not in _KEYS))
