"""The books of one partition: read from its rows when asked for, and held in memory.

Besides the books' own rows (`conscope_app.alerting.watches.rows`) a partition has, under the empty
subject, a row of each watch that was ever heard of here and one of each book:

| key | value |
|---|---|
| `["", "definition", watch]` | the watch in its newest version; without one: deleted |
| `["", "book", subject]` | when time alone changes something in it; none: never |
"""

from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import NamedTuple, Protocol

import msgspec

from conscope_app.alerting.watches.control import (
    Deletion,
    Happens,
    Making,
    Passing,
    Seeds,
    happened_of,
)
from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.evaluation import observe
from conscope_app.alerting.watches.index import WatchIndex
from conscope_app.alerting.watches.ready_watch import ReadyWatch
from conscope_app.alerting.watches.rows import encode_key, subject_prefix
from conscope_app.alerting.watches.scope import Spellings
from conscope_app.alerting.watches.signals import (
    Deleted,
    Gone,
    Made,
    Priced,
    Signal,
    Tick,
)
from conscope_app.alerting.watches.watch import Watch
from conscope_app.stream.held_books import MOST_HELD, BooksUnreadable, HeldBooks, Rows

# How many books a change of one watch looks at at once; the others are due, and get their tick.
MOST_VISITED = 50

# A book that nobody watches is forgotten after so long without a word: the prices of a subject come
# before the watch that asks for them.
FORGET_AFTER = timedelta(minutes=10)

# A tick that has been sent is not sent again before this: it has a transaction to wait for.
TICK_AGAIN_AFTER = timedelta(seconds=5)


class _Definition(msgspec.Struct, frozen=True, array_like=True):
    version: int
    watch: Watch | None = None


class _Shelf(msgspec.Struct, frozen=True, array_like=True):
    due_at: datetime | None = None


class _Due(NamedTuple):
    """`at` is when to look, for what was due at `due_at`."""

    at: datetime
    subject: str
    due_at: datetime


_encode = msgspec.msgpack.Encoder().encode
_decode_definition = msgspec.msgpack.Decoder(_Definition).decode
_decode_shelf = msgspec.msgpack.Decoder(_Shelf).decode
_decode_key = msgspec.json.Decoder(tuple[str, ...]).decode

_DEFINITION, _BOOK = "definition", "book"


class Books:
    """Takes what a log says, one after the other, between a `begin` and the commit of its changes.

    `changes` are the rows that changed since, `decisions` what is to be told. Where they could not
    be kept, the books are thrown away with the rows, and read again.
    """

    def __init__(
        self, rows: Rows, *, most_held: int = MOST_HELD, spellings: Spellings = ()
    ) -> None:
        self.changes: dict[bytes, bytes | None] = {}
        self.decisions: list[Decision] = []
        self.index = WatchIndex(spellings=spellings)
        self._held = HeldBooks(rows, most=most_held)
        self._versions: dict[str, int] = {}  # of every watch that was ever heard of here
        self._due_at: dict[str, datetime | None] = {}  # of every book that there is
        self._timers: list[_Due] = []
        try:
            self._read()
        except ValueError as error:
            raise BooksUnreadable(f"what is kept of watches: {error!r}") from error

    def __len__(self) -> int:
        return len(self._due_at)

    def begin(self) -> None:
        """All that was said before is kept: go on from there."""
        self.changes, self.decisions = {}, []
        self._held.settle(self.changes)

    def see(self, signal: Priced | Gone) -> None:
        """A price, or the end of an offer."""
        self._observe(signal.subject, signal, signal.recorded_at)

    def hear(self, said: Happens, place: int, now: datetime) -> None:
        """Something happened: where nobody asks for it, nothing is kept of it."""
        if self.index.asking(said.subject, (said.what, *said.undoes)):
            signal = happened_of(said, place=place, recorded_at=now)
            self._observe(said.subject, signal, now)

    def seed(self, said: Seeds, place: int, now: datetime) -> None:
        """What a watch that is about to come measures from."""
        if said.watch.version >= self._versions.get(said.watch.id, 0):
            self._observe(said.subject, _made(said.watch, said.subject, place, now, said), now)

    def make(self, said: Making, place: int, now: datetime) -> None:
        """A watch holds from here on, unless a newer version of it is known."""
        watch, known = said.watch, self._versions.get(said.watch.id, 0)
        if watch.version < known or (watch.version == known and self.index.get(watch.id) is None):
            return
        if watch.version > known:
            before = self.index.get(watch.id)
            self.index.put(watch)
            self._define(watch.id, _Definition(watch.version, watch))
            if before is not None:
                self._visit(before, lambda subject: _made(watch, subject, place, now), now)
        if said.subject:
            self._observe(said.subject, _made(watch, said.subject, place, now), now)

    def delete(self, said: Deletion, place: int, now: datetime) -> None:
        """A watch holds no more, and what it has raised is over."""
        known = self._versions.get(said.watch_id)
        if known is None or said.version <= known:
            return
        before = self.index.get(said.watch_id)
        self.index.remove(said.watch_id)
        self._define(said.watch_id, _Definition(said.version))
        if before is not None:
            self._visit(before, lambda subject: _poke(subject, place, now, said.watch_id), now)

    def tick(self, said: Passing, place: int, now: datetime) -> None:
        """Time has passed for a book that is due."""
        subject = said.subject
        if subject not in self._due_at:
            return
        book = self._held.get(subject)
        if not self.index.concerns(subject) and not book.enrolled:
            last_word = book.head.now or now
            if now - last_word >= FORGET_AFTER:
                self._forget(subject)
            else:
                self._set_due(subject, last_word + FORGET_AFTER)
        elif book.followed is self.index.about(subject):
            self._observe(subject, Tick(subject=subject), now)
        else:
            self._observe(subject, _poke(subject, place, now), now)

    def due(self, now: datetime) -> list[str]:
        """The books that want a tick by now; each is named again only after a while."""
        found = []
        while self._timers and self._timers[0].at <= now:
            timer = heappop(self._timers)
            if self._due_at.get(timer.subject) == timer.due_at:
                found.append(timer.subject)
                heappush(self._timers, _Due(now + TICK_AGAIN_AFTER, timer.subject, timer.due_at))
        return found

    # What follows

    def _observe(self, subject: str, signal: Signal, now: datetime) -> None:
        book = self._held.get(subject)
        try:
            outcome = observe(book, self.index, signal, now, is_traced=False)
        except Exception:
            self._held.drop(subject)
            raise
        self._held.weigh(book)
        self.changes |= outcome.changes
        self.decisions += outcome.decisions
        if self.index.concerns(subject) or book.enrolled:
            self._set_due(subject, book.next_due)
        else:  # not yet, or not any more
            self._set_due(subject, self._due_at.get(subject) or now + FORGET_AFTER)

    def _visit(self, before: ReadyWatch, signal_at: "_SignalAt", now: datetime) -> None:
        """Look at the books where a watch has raised anything; have unwatched ones forgotten."""
        visited = 0
        for subject in before.watch.what.subjects or sorted(self._due_at):
            if subject not in self._due_at:
                continue
            if self._held.has_lives(subject, before.id):
                if visited < MOST_VISITED:
                    visited += 1
                    self._observe(subject, signal_at(subject), now)
                else:
                    self._set_due(subject, now)
            elif not self.index.concerns(subject):
                self._set_due(subject, self._due_at[subject] or now + FORGET_AFTER)

    def _define(self, watch_id: str, definition: _Definition) -> None:
        self._versions[watch_id] = definition.version
        self.changes[encode_key("", (_DEFINITION, watch_id))] = _encode(definition)

    def _set_due(self, subject: str, due_at: datetime | None) -> None:
        if subject in self._due_at and self._due_at[subject] == due_at:
            return
        self._due_at[subject] = due_at
        self.changes[encode_key("", (_BOOK, subject))] = _encode(_Shelf(due_at))
        if due_at is not None:
            heappush(self._timers, _Due(due_at, subject, due_at))

    def _forget(self, subject: str) -> None:
        """Remove a book with all of its rows."""
        self.changes |= dict.fromkeys(self._held.keys(subject))
        self.changes[encode_key("", (_BOOK, subject))] = None
        self._held.drop(subject)
        del self._due_at[subject]

    def _read(self) -> None:
        for key, value in self._held.rows(subject_prefix("")):
            _, kind, name = _decode_key(key)
            if kind == _BOOK:
                due_at = self._due_at[name] = _decode_shelf(value).due_at
                if due_at is not None:
                    self._timers.append(_Due(due_at, name, due_at))
                continue
            definition = _decode_definition(value)
            self._versions[name] = definition.version
            if definition.watch is not None:
                self.index.put(definition.watch)
        heapify(self._timers)


class _SignalAt(Protocol):
    def __call__(self, subject: str, /) -> Signal: ...


def _made(
    watch: Watch, subject: str, place: int, now: datetime, seeds: Seeds | None = None
) -> Made:
    return Made(
        subject=subject,
        place=place,
        recorded_at=now,
        watch=watch,
        seeds=() if seeds is None else seeds.seeds,
    )


def _poke(subject: str, place: int, now: datetime, watch_id: str = "") -> Deleted:
    """Have a book look at what is watched now."""
    return Deleted(subject=subject, place=place, recorded_at=now, watch_id=watch_id)
