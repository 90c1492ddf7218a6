"""Watches made ready, and found by subject: never by a scan of all."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import blake2b

import msgspec

from conscope_app.alerting.watches.lives import Terms
from conscope_app.alerting.watches.past import Past
from conscope_app.alerting.watches.scope import Scope
from conscope_app.alerting.watches.watch import Watch

_MEANING_BYTES = 9
_MOST_FOUND = 100_000
_MOST_SORTED = 1_000


class ReadyWatch:
    """A watch with what is asked of it all the time. `meaning` is the same where what, when and
    how sure are the same: what was raised under it goes on.
    """

    __slots__ = (
        "_at_most",
        "_wants_a_fall",
        "days",
        "id",
        "is_each_item",
        "meaning",
        "needs_past",
        "scope",
        "terms",
        "wants_first",
        "watch",
    )

    def __init__(self, watch: Watch) -> None:
        self.id = watch.id
        self.watch = watch
        self.scope = Scope(watch)
        self.terms = Terms(watch.sure, watch.often.rearm)
        self.is_each_item = watch.what.each == "item"
        days, when = watch.what.days_to_go, watch.when
        self.days = None if days.at_least is None and days.at_most is None else days
        self.needs_past = bool(when.drop or when.low) or watch.sure.confirm_jumps
        self.wants_first = when.drop is not None and when.drop.than == "last_told"
        self._at_most = None if when.target is None else when.target.at_most
        falls = when.drop is not None and when.drop.than in ("previous", "all_time_low")
        self._wants_a_fall = falls or when.low is not None
        meant = msgspec.json.encode((watch.what, watch.when, watch.sure))
        self.meaning = blake2b(meant, digest_size=_MEANING_BYTES).hexdigest()

    def cannot_begin_at(self, price: Decimal, past: Past | None) -> bool:
        """Whether a price is surely no reason to raise what is quiet: a quick look, not the answer.

        All that is asked for has to be so at once. A price over the target is not, and one that is
        what it was has not fallen: it is no lower than the lowest before, nor than itself.
        """
        if self.wants_first:
            return False  # the first price is remembered
        if self._at_most is not None and price > self._at_most:
            return True
        return self._wants_a_fall and past is not None and price == past.previous


class WatchIndex:
    """Watches by subject; those without one are about everything.

    `about` is the same object until something changes for its subject.
    """

    def __init__(self, watches: Iterable[Watch] = ()) -> None:
        self._by_id: dict[str, ReadyWatch] = {}
        self._by_subject: dict[str, dict[str, ReadyWatch]] = {}
        self._about_all: dict[str, ReadyWatch] = {}
        self._found: dict[str, tuple[ReadyWatch, ...]] = {}
        self._sorted: dict[str, _Sorted] = {}
        for watch in watches:
            self.put(watch)

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, watch_id: str) -> ReadyWatch | None:
        """The watch with this id."""
        return self._by_id.get(watch_id)

    def put(self, watch: Watch) -> ReadyWatch:
        """Add a watch, or put it in the place of the one with its id."""
        self.remove(watch.id)
        ready = self._by_id[watch.id] = ReadyWatch(watch)
        if not watch.what.subjects:
            self._about_all[watch.id] = ready
        for subject in watch.what.subjects:
            self._by_subject.setdefault(subject, {})[watch.id] = ready
        self._forget(watch)
        return ready

    def remove(self, watch_id: str) -> None:
        """Forget a watch, if there is one with this id."""
        ready = self._by_id.pop(watch_id, None)
        if ready is None:
            return
        self._about_all.pop(watch_id, None)
        for subject in set(ready.watch.what.subjects):
            others = self._by_subject[subject]
            others.pop(watch_id, None)
            if not others:
                del self._by_subject[subject]
        self._forget(ready.watch)

    def about(self, subject: str) -> tuple[ReadyWatch, ...]:
        """The watches that may be meant by a signal of this subject, by their ids."""
        found = self._found.get(subject)
        if found is None:
            own = self._by_subject.get(subject, {})
            found = tuple(sorted((*own.values(), *self._about_all.values()), key=_id_of))
            if len(self._found) >= _MOST_FOUND:
                self._found.clear()
            self._found[subject] = found
        return found

    def meant_by(self, subject: str, labels: Mapping[str, str]) -> tuple[ReadyWatch, ...]:
        """Of the watches about a subject those of each item, and those that mean these labels."""
        by_labels = self._sorted.get(subject)
        if by_labels is None:
            if len(self._sorted) >= _MOST_FOUND:
                self._sorted.clear()
            by_labels = self._sorted[subject] = _Sorted(self.about(subject))
        return by_labels.get(labels)

    def concerns(self, subject: str) -> bool:
        """Whether anybody may be meant."""
        return bool(self._about_all) or subject in self._by_subject

    def _forget(self, watch: Watch) -> None:
        if not watch.what.subjects:
            self._found.clear()
            self._sorted.clear()
        for subject in watch.what.subjects:
            self._found.pop(subject, None)
            self._sorted.pop(subject, None)


class _Sorted:
    """A subject's watches by the labels that they ask for."""

    __slots__ = ("_asked", "_found", "_watches")

    def __init__(self, watches: tuple[ReadyWatch, ...]) -> None:
        self._watches = watches
        self._asked = tuple(sorted({name for ready in watches for name in ready.scope.asked}))
        self._found: dict[tuple[str | None, ...], tuple[ReadyWatch, ...]] = {}

    def get(self, labels: Mapping[str, str]) -> tuple[ReadyWatch, ...]:
        asked = tuple(map(labels.get, self._asked))
        found = self._found.get(asked)
        if found is None:
            if len(self._found) >= _MOST_SORTED:
                self._found.clear()
            found = self._found[asked] = tuple(
                ready
                for ready in self._watches
                if ready.is_each_item or not ready.scope.mismatch(labels)
            )
        return found


def _id_of(ready: ReadyWatch) -> str:
    return ready.id
