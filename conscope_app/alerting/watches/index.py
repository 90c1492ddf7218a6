"""Watches made ready, and found by subject: never by a scan of all."""

from collections.abc import Iterable, Mapping

from conscope_app.alerting.watches.happening import OF_ITEMS
from conscope_app.alerting.watches.meant import ByLabels, Meant
from conscope_app.alerting.watches.ready_watch import ReadyWatch
from conscope_app.alerting.watches.scope import Spellings
from conscope_app.alerting.watches.watch import Watch

_MOST_FOUND = 100_000

_EVERY = ""  # no subject's name is empty
_ALL = (_EVERY,)


class _Found(tuple[ReadyWatch, ...]):
    """Watches that were found once: the same object as no other, also where there are none."""

    __slots__ = ()


class WatchIndex:
    """Watches by subject; those without one are about everything.

    `about` is the same object until something changes for its subject. Watches that ask for no
    price are not among these: they are found by the word for what happens, and cost nothing before.

    `spellings` are those in which watches and offers may write the same thing.
    """

    def __init__(self, watches: Iterable[Watch] = (), spellings: Spellings = ()) -> None:
        self._spellings = spellings
        self._by_id: dict[str, ReadyWatch] = {}
        self._by_subject: dict[str, dict[str, ReadyWatch]] = {}
        self._about_all: dict[str, ReadyWatch] = {}
        self._asking: dict[str, dict[str, dict[str, ReadyWatch]]] = {}  # by word, and by subject
        self._found: dict[str, tuple[ReadyWatch, ...]] = {}
        self._sorted: dict[str, ByLabels] = {}
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
        ready = self._by_id[watch.id] = ReadyWatch(watch, self._spellings)
        for what in ready.happens:
            by_subject = self._asking.setdefault(what, {})
            for subject in watch.what.subjects or _ALL:
                by_subject.setdefault(subject, {})[watch.id] = ready
        if ready.asks_for_price and not watch.what.subjects:
            self._about_all[watch.id] = ready
        for subject in watch.what.subjects if ready.asks_for_price else ():
            self._by_subject.setdefault(subject, {})[watch.id] = ready
        self._forget(watch)
        return ready

    def remove(self, watch_id: str) -> None:
        """Forget a watch, if there is one with this id."""
        ready = self._by_id.pop(watch_id, None)
        if ready is None:
            return
        self._about_all.pop(watch_id, None)
        subjects = set(ready.watch.what.subjects)
        for what in ready.happens:
            for subject in subjects or _ALL:
                _take_out(self._asking[what], subject, watch_id)
        for subject in subjects if ready.asks_for_price else ():
            _take_out(self._by_subject, subject, watch_id)
        self._forget(ready.watch)

    def about(self, subject: str) -> tuple[ReadyWatch, ...]:
        """The watches that may be meant by a price of this subject, by their ids."""
        found = self._found.get(subject)
        if found is None:
            own = self._by_subject.get(subject, {})
            found = _Found(sorted((*own.values(), *self._about_all.values()), key=_id_of))
            if len(self._found) >= _MOST_FOUND:
                self._found.clear()
            self._found[subject] = found
        return found

    def meant_by(self, subject: str, labels: Mapping[str, str]) -> Meant:
        """The watches about a subject, as they stand to an item with these labels."""
        by_labels = self._sorted.get(subject)
        if by_labels is None:
            if len(self._sorted) >= _MOST_FOUND:
                self._sorted.clear()
            by_labels = self._sorted[subject] = ByLabels(self.about(subject))
        return by_labels.get(labels)

    def asking(self, subject: str, words: Iterable[str]) -> list[ReadyWatch]:
        """The watches that ask for any of what happens to a subject, by their ids."""
        found: dict[str, ReadyWatch] = {}
        for what in words:
            by_subject = self._asking.get(what)
            if by_subject:
                found |= by_subject.get(subject, {})
                found |= by_subject.get(_EVERY, {})
        return sorted(found.values(), key=_id_of) if len(found) > 1 else [*found.values()]

    def concerns(self, subject: str) -> bool:
        """Whether anybody has to be told what the subject costs, or that items of it are gone."""
        return (
            bool(self._about_all)
            or subject in self._by_subject
            or bool(self.asking(subject, OF_ITEMS))
        )

    def _forget(self, watch: Watch) -> None:
        if not watch.what.subjects:
            self._found.clear()
            self._sorted.clear()
        for subject in watch.what.subjects:
            self._found.pop(subject, None)
            self._sorted.pop(subject, None)


def _take_out(by_subject: dict[str, dict[str, ReadyWatch]], subject: str, watch_id: str) -> None:
    others = by_subject[subject]
    others.pop(watch_id, None)
    if not others:
        del by_subject[subject]


def _id_of(ready: ReadyWatch) -> str:
    return ready.id
