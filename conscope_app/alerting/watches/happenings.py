"""What happens, and what it means for those who ask for it; nobody else is looked at.

Items vanish and come back with their prices: that is found here, where anybody asks.
"""

from collections.abc import Iterable
from typing import NamedTuple

from conscope_app.alerting.watches import occurrences
from conscope_app.alerting.watches.enrolment import keep_enrolled, let_go
from conscope_app.alerting.watches.happening import (
    CAME_BACK,
    KEPT,
    VANISHED,
    Happening,
    Occurrence,
    life_of,
    lives_of,
)
from conscope_app.alerting.watches.index import WatchIndex
from conscope_app.alerting.watches.lives import Life, Phase, Whose
from conscope_app.alerting.watches.ready_watch import ReadyWatch
from conscope_app.alerting.watches.rows import Absence, Item
from conscope_app.alerting.watches.scope import wrong_day
from conscope_app.alerting.watches.signals import Gone, Happened, Priced
from conscope_app.alerting.watches.turn import Turn
from conscope_app.alerting.watches.verdicts import Verdict
from conscope_app.alerting.watches.watch import DaysToGo

_NONE: dict[str, Life] = {}
_NEW = Life()


class _News(NamedTuple):
    """What happened, with what else is known of it."""

    happening: Happening
    key: str
    labels: dict[str, str]
    undoes: tuple[str, ...]
    item: Item | None = None

    @property
    def name(self) -> str:
        """Of the life that it concerns."""
        return life_of(self.happening.what, self.happening.item, self.key)


def take_happening(turn: Turn, index: WatchIndex, signal: Happened) -> None:
    """Something happened to the subject as a whole."""
    happening = Happening(
        what=signal.what,
        observed_at=signal.observed_at,
        source=signal.source,
        details=signal.details,
    )
    news = _News(happening, signal.key, {**signal.labels}, signal.undoes)
    _take(turn, index.asking(signal.subject, (signal.what, *signal.undoes)), news)


def take_absence(turn: Turn, index: WatchIndex, signal: Gone, item: Item) -> None:
    """An item that was there is gone."""
    if index.asking(signal.subject, (CAME_BACK,)):
        turn.book.set_absent(signal.item, Absence(turn.now))
    happening = Happening(what=VANISHED, observed_at=turn.now, item=signal.item)
    _take_of_item(turn, index, _News(happening, "", {**item.labels}, (CAME_BACK,), item))


def take_return(turn: Turn, index: WatchIndex, signal: Priced) -> None:
    """An item is there again that was gone; after a long time it is one like any other."""
    absence = turn.book.absent[signal.item]
    turn.book.set_absent(signal.item, None)
    item = turn.book.items.get(signal.item)
    if item is None or absence.at < turn.now - KEPT:
        return
    happening = Happening(what=CAME_BACK, observed_at=turn.now, item=signal.item)
    _take_of_item(turn, index, _News(happening, "", {**item.labels}, (VANISHED,), item))


def _take_of_item(turn: Turn, index: WatchIndex, news: _News) -> None:
    _take(turn, index.asking(turn.book.subject, (news.happening.what, *news.undoes)), news)


def _take(turn: Turn, watches: Iterable[ReadyWatch], news: _News) -> None:
    """Tell those who ask for it, and end what others were told that is not so any more."""
    for ready in watches:
        if ready.id in turn.book.expired or _has_expired(turn, ready):
            continue
        mismatch = _mismatch(ready, news)
        if mismatch:
            turn.trace_happening(ready.id, Verdict.NOT_MEANT, news.happening, detail=mismatch)
            continue
        if not _is_known(turn, ready, news):
            _undo(turn, ready, news)
        if news.happening.what in ready.happens:
            _hear(turn, ready, news)
        let_go(turn, ready)


def _is_known(turn: Turn, ready: ReadyWatch, news: _News) -> bool:
    """Whether the watch has heard of it: then it has not undone what came after it."""
    life = turn.book.lives.get(ready.id, _NONE).get(news.name)
    return life is not None and occurrences.is_known(
        occurrences.occurrence_of(life), _occurrence(turn, news)
    )


def _occurrence(turn: Turn, news: _News) -> Occurrence:
    happening = news.happening
    return Occurrence(happening, news.labels, turn.now, {happening.source: None})


def _hear(turn: Turn, ready: ReadyWatch, news: _News) -> None:
    book, happening = turn.book, news.happening
    why_not = "" if ready.days is None else _wrong_day(turn, ready.days)
    if why_not:
        turn.trace_happening(ready.id, Verdict.OUT_OF_DAYS, happening, detail=why_not)
        return
    keep_enrolled(turn, ready)
    price = None if news.item is None else news.item.prices.get(ready.scope.denomination)
    heard = Life(
        phase=Phase.PENDING,
        since=turn.now,
        place=turn.place,
        price=price,
        items=(happening.item,) if happening.item else (),
        occurrence=_occurrence(turn, news),
    )
    life = book.lives.get(ready.id, _NONE).get(news.name, _NEW)
    whose = Whose(book.subject, ready.id, news.name)
    step = occurrences.hear(life, heard, ready.terms, whose, turn.now)
    turn.apply(ready, news.name, step, None, price)


def _undo(turn: Turn, ready: ReadyWatch, news: _News) -> None:
    lives, happening = turn.book.lives.get(ready.id, _NONE), news.happening
    for what in news.undoes:
        if happening.item:
            names = [life_of(what, happening.item)]
        else:
            names = sorted(name for name in lives if name.startswith(lives_of(what)))
        for name in names:
            if name not in lives or name == news.name:
                continue
            step = occurrences.undo(lives[name], happening.source, happening.observed_at)
            if step.verdict in (Verdict.OVER, Verdict.LAPSED):
                turn.apply(ready, name, step, None, None)
            else:
                turn.keep(ready, name, step.life)


def _mismatch(ready: ReadyWatch, news: _News) -> str:
    if news.item is None:
        return ready.scope.mismatch_of_known(news.labels)
    return ready.scope.mismatch(news.labels)


def _wrong_day(turn: Turn, days: DaysToGo) -> str:
    return wrong_day(days, turn.book.head.takes_place_at, turn.now)


def _has_expired(turn: Turn, ready: ReadyWatch) -> bool:
    expires_at = ready.watch.to.expires_at
    return expires_at is not None and expires_at <= turn.now
