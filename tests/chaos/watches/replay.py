"""All decisions anew: the log of watched prices, taken in by fresh books from its start.

No worker, table, slab or transaction has a part in it: each partition is one fold over its records.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from aiokafka import ConsumerRecord

from conscope_app.alerting.watches.decisions import Decision
from conscope_app.domains.tickets.watched import SPELLINGS, read_signal
from conscope_app.stream.books import Books
from conscope_app.stream.watching import watch

_ALL = 1_000_000_000  # no book is ever let go of: there are no rows to read it from again


class Replayed(NamedTuple):
    """What a partition's log leads to, and when time alone leads to more."""

    decisions: Sequence[Decision]
    refused: Sequence[str]
    next_due: datetime | None


class _NoRows:
    def prefixed(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        return iter(())


def replay(log: Mapping[int, Sequence[ConsumerRecord]]) -> dict[int, Replayed]:
    """Each partition's records, in their order."""
    return {partition: _replayed(records) for partition, records in log.items()}


def _replayed(records: Sequence[ConsumerRecord]) -> Replayed:
    books = Books(_NoRows(), most_held=_ALL, spellings=SPELLINGS)
    watched = watch(records, books, read_signal)
    refused = [f"{record.partition}-{record.offset}: {why}" for _, record, why in watched.refused]
    due = [at for at in books._due_at.values() if at is not None]
    return Replayed(watched.decisions, refused, min(due, default=None))
