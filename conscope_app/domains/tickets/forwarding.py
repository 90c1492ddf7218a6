"""Which processed prices are of events that somebody watches, and where those go.

Detection gives far more prices than are watched: one that nobody watches costs a look into a
dictionary, and nothing at all while nothing is watched.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from conscope_app.alerting.watches.control import recorded_at
from conscope_app.core.record import Record
from conscope_app.domains.tickets.folding import Sent, Tracked
from conscope_app.domains.tickets.seat_key import event_of, event_parts

_MOST_KNOWN = 100_000


class Watched(Protocol):
    """The subjects that are watched. `changes` grows with each change of what `concerns` says."""

    @property
    def changes(self) -> int: ...
    def __bool__(self) -> bool: ...
    def concerns(self, subject: str, /) -> bool: ...


class Forwarding:
    """Remembers of each event whether and where its prices go, until what is watched changes."""

    def __init__(self, watched: Watched, partition_of: Callable[[bytes], int]) -> None:
        self._watched = watched
        self._partition_of = partition_of
        self._targets: dict[bytes, tuple[int, bytes]] = {}
        self._known: set[bytes] = set()  # those that have no target are among it
        self._changes = watched.changes

    def forwarded(self, tracked: Tracked, records: Sequence[Record]) -> dict[int, list[Sent]]:
        """The watched among the processed prices of these records, by the partition they go to.

        They go there as they are, under their event's id and with the time of the raw record.
        """
        if not self._watched:
            return {}
        events = event_parts(key for key, _, _ in tracked.processed)
        self._learn(set(events))
        if self._targets.keys().isdisjoint(events):
            return {}
        taken = _processed_of(tracked, records)
        found: dict[int, list[Sent]] = {}
        for event, (_, value, _), record in zip(events, tracked.processed, taken, strict=True):
            if event in self._targets:
                partition, subject = self._targets[event]
                sent = (subject, value, (recorded_at(record.timestamp),))
                found.setdefault(partition, []).append(sent)
        return found

    def _learn(self, events: set[bytes]) -> None:
        if self._changes != self._watched.changes or len(self._known) > _MOST_KNOWN:
            self._changes = self._watched.changes
            self._known.clear()
            self._targets.clear()
        for event in events - self._known:
            self._known.add(event)
            event_id = event_of(event)
            if self._watched.concerns(event_id):
                subject = event_id.encode()
                self._targets[event] = (self._partition_of(subject), subject)


def _processed_of(tracked: Tracked, records: Sequence[Record]) -> Sequence[Record]:
    """The records that became processed prices: in the same order, without all others."""
    if not tracked.rekeyed and not tracked.refused:
        return records
    left: Collection[int] = {
        *(record.offset for _, _, record in tracked.rekeyed),
        *(record.offset for record, _ in tracked.refused),
    }
    return [record for record in records if record.offset not in left]
