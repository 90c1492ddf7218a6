"""What must come out of each market snapshot, one partition at a time, in their order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from conscope_app.audit.believable import NotBelievedError
from conscope_app.audit.expectation import Copied, Refused, partition_of
from conscope_app.audit.markets.belief import Belief, first_belief, next_belief
from conscope_app.audit.markets.changes import Happened, happened
from conscope_app.audit.markets.observation import read_snapshot
from conscope_app.core.record import Record, framed_size
from conscope_app.domains.tickets.market import MarketSnapshot
from conscope_app.stream.dead_letters import REKEYED_FROM

# What is put back has to fit its topic, with its key and headers.
_LARGEST_COPY = 900_000

EventAtSource = tuple[str, str]


class Judged(NamedTuple):
    """One processed market. `weak`: its kind and changes are the pipeline's word.

    Then retention has removed what the event's first known snapshot was compared with, and whatever
    has not been said since may have been said before.
    """

    key: bytes
    seen: MarketSnapshot
    kind: str
    changes: tuple[Happened, ...]
    weak: bool


class Past(NamedTuple):
    """What is known of an event at a source, and whether all that was ever said of it is."""

    belief: Belief
    whole: bool


def _nothing_known(_offset: int) -> str:
    return ""


@dataclass(slots=True)
class MarketFold:
    """Takes one partition's records in order and says what each must have led to.

    `past` is what is known of before the first of them. `whole` is False where more may have been;
    then `kind_found` tells the kind that the pipeline gave to the record at an offset. It is asked
    only of events with no past.
    """

    partition: int
    partitions: int
    whole: bool = True
    past: dict[EventAtSource, Past] = field(default_factory=dict)
    kind_found: Callable[[int], str] = _nothing_known

    def expect(self, record: Record) -> Judged | Copied | Refused:
        """What must have come out of this record."""
        try:
            seen = read_snapshot(record.value, record.timestamp)
        except NotBelievedError as error:
            return Refused(str(error))
        key = seen.event_id.encode()
        home = partition_of(key, self.partitions)
        is_elsewhere = home != self.partition and (seen.event_id, seen.source) not in self.past
        if record.key == key and not is_elsewhere:
            return self._judge(record, key, seen)
        if any(name == REKEYED_FROM for name, _ in record.headers):
            return Refused("it was put under another key once before")
        if len(record.value or b"") + len(key) + framed_size(record.headers) > _LARGEST_COPY:
            return Refused("it is too long to be put under another key")
        return Copied(key, home)

    def _judge(self, record: Record, key: bytes, seen: MarketSnapshot) -> Judged:
        at = (seen.event_id, seen.source)
        past = self.past.get(at)
        if past is None:
            if self.whole:
                self.past[at] = Past(first_belief(seen), whole=True)
                return Judged(key, seen, "new", (), weak=False)
            kind = self.kind_found(record.offset)
            if kind != "late":
                self.past[at] = Past(first_belief(seen), whole=kind == "new")
            return Judged(key, seen, kind, (), weak=True)
        if seen.observed_at <= past.belief.at:
            return Judged(key, seen, "late", (), weak=False)
        after = next_belief(past.belief, seen)
        changes = happened(past.belief, after, seen)
        self.past[at] = Past(after, past.whole)
        kind = "changed" if changes else "same"
        return Judged(key, seen, kind, changes, weak=not past.whole)
