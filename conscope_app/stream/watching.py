"""A slab of watched prices, taken in by the books of its partition."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec

from conscope_app.alerting.watches.control import (
    Happens,
    Making,
    Passing,
    Seeds,
    control_of,
    moment_of,
)
from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.signals import Gone, Priced
from conscope_app.core.record import Record
from conscope_app.core.refusal import Reason, Refused
from conscope_app.stream.books import Books
from conscope_app.stream.held_books import BooksUnreadable


class ReadPrice(Protocol):
    """Makes a signal of a price's bytes; raises what msgspec does."""

    def __call__(self, value: bytes, *, place: int, recorded_at: datetime) -> Priced | Gone: ...


@dataclass(slots=True)
class Watched:
    """What a slab led to: every record that is not refused was taken in."""

    decisions: list[Decision]
    changes: dict[bytes, bytes | None]
    refused: list[tuple[int, Record, Refused]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def watch(records: Sequence[Record], books: Books, read: ReadPrice) -> Watched:
    """Tell the books what the records say, in their order; depends on records and rows alone.

    What is wrong with one record does not stop the others. Rows that cannot be read raise.
    """
    books.begin()
    refused: list[tuple[int, Record, Refused]] = []
    for at, record in enumerate(records):
        why = _take(record, books, read)
        if why is not None:
            refused.append((at, record, why))
    counts = Counter({"records": len(records)})
    counts.update(decision.verdict.name.lower() for decision in books.decisions)
    counts.update(f"dead:{why.reason}" for _, _, why in refused)
    if refused:
        counts["dead"] = len(refused)
    return Watched(books.decisions, books.changes, refused, dict(counts))


def _take(record: Record, books: Books, read: ReadPrice) -> Refused | None:
    try:
        _tell(record, books, read)
    except Refused as refused:
        return refused
    except (BooksUnreadable, MemoryError, OSError):
        raise  # not the record's fault: it must not be refused for it
    except msgspec.ValidationError as error:
        return Refused(Reason.WRONG_TYPE, str(error))
    except (msgspec.DecodeError, RecursionError) as error:
        return Refused(Reason.NOT_JSON if record.value else Reason.NO_VALUE, str(error))
    except UnicodeDecodeError as error:
        return Refused(Reason.NOT_TEXT, str(error))
    except Exception as error:  # noqa: BLE001 one record must not stop its partition for ever
        return Refused(Reason.UNEXPECTED, f"{type(error).__name__}: {error}")
    return None


def _tell(record: Record, books: Books, read: ReadPrice) -> None:
    now, place = moment_of(record), record.offset
    said = control_of(record)
    if said is None:
        books.see(read(record.value or b"", place=place, recorded_at=now))
    elif isinstance(said, Passing):
        books.tick(said, place, now)
    elif isinstance(said, Happens):
        books.hear(said, place, now)
    elif isinstance(said, Making):
        books.make(said, place, now)
    elif isinstance(said, Seeds):
        books.seed(said, place, now)
    else:
        books.delete(said, place, now)
