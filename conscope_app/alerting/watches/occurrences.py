"""The life of an alert about what happened: pending, raised, over. Pure, as `episodes` is.

What happened is news until the contrary happens, or until it is so old that nobody calls it news.
So an alert that is held back over night is left out where it is wrong by the morning, and is told
late where it is only old: `Cause.PAST` ends an episode, and takes nothing out of a queue.
"""

from datetime import datetime, timedelta

import msgspec

from conscope_app.alerting.watches.happening import KEPT, SAME_WITHIN, Occurrence
from conscope_app.alerting.watches.lives import Event, Life, Phase, Step, Terms, Whose
from conscope_app.alerting.watches.verdicts import Cause, Verdict


def hear(life: Life, heard: Life, terms: Terms, whose: Whose, now: datetime) -> Step:
    """Take in what a source says: `heard` is the life as it would begin with it.

    Whoever says what is known already says nothing new. Of how sure one has to be, only how long it
    has to hold concerns it: a source says once that it happened.
    """
    known, news = life.occurrence, occurrence_of(heard)
    if known is None:
        return _ripen(heard, terms, whose, now)
    if is_known(known, news):
        said = msgspec.structs.replace(known, said={**news.said, **known.said})
        verdict = Verdict.STILL_TRUE if life.phase is Phase.RAISED else Verdict.SAID_BEFORE
        return Step(msgspec.structs.replace(life, occurrence=said), verdict)
    ended = _over(life, Cause.AGAIN).events if life.phase is Phase.RAISED else ()
    again = msgspec.structs.replace(news, episode=known.episode, raised_at=known.raised_at)
    step = _ripen(msgspec.structs.replace(heard, occurrence=again), terms, whose, now)
    return Step(step.life, step.verdict, (*ended, *step.events))


def undo(life: Life, source: str, at: datetime) -> Step:
    """Take in that a source has seen the contrary, which counts if it saw it later."""
    known = occurrence_of(life)
    if at < known.happening.observed_at:
        return Step(life, Verdict.LATE)
    said = msgspec.structs.replace(known, said={**known.said, source: at})
    life = msgspec.structs.replace(life, occurrence=said)
    if life.phase is Phase.RAISED:
        return _over(life, Cause.UNDONE)
    return Step(_quiet(life), Verdict.LAPSED if life.phase is Phase.PENDING else Verdict.NOT_TRUE)


def elapse(life: Life, whose: Whose, now: datetime) -> Step:
    """What follows at `due_at` by itself."""
    if life.phase is Phase.PENDING:
        return _raise(life, whose, now)
    if life.phase is Phase.RAISED:
        return _over(life, Cause.PAST)
    return Step(life, Verdict.NOT_TRUE)


def end(life: Life, cause: Cause) -> Step:
    """End what is raised."""
    if life.phase is Phase.RAISED:
        return _over(life, cause)
    return Step(_quiet(life), Verdict.NOT_TRUE)


def due_at(life: Life, terms: Terms) -> datetime | None:
    """From when on `elapse` tells something, or the life says no more than none; None: never."""
    known = occurrence_of(life)
    if life.phase is Phase.RAISED:
        assert known.raised_at is not None, "raised when?"
        return known.raised_at + SAME_WITHIN
    if known.episode and terms.rearm.once:
        return None
    if life.phase is Phase.PENDING:
        assert life.since is not None, "pending since when?"
        return _armed(known, terms, life.since + timedelta(seconds=terms.sure.hold_s))
    return _armed(known, terms, known.heard_at + KEPT)


def is_needless(life: Life, terms: Terms, now: datetime) -> bool:
    """Whether a life says no more than none at all."""
    due = due_at(life, terms)
    return life.phase is Phase.QUIET and due is not None and due <= now


def occurrence_of(life: Life) -> Occurrence:
    """What it is about."""
    assert life.occurrence is not None, "about what happened"
    return life.occurrence


def is_known(known: Occurrence, news: Occurrence) -> bool:
    """Whether it has been said before: by another source, or by one that has said nothing since.

    What was seen before the newest of a kind is no news in any case.
    """
    observed_at = news.happening.observed_at
    if observed_at <= known.happening.observed_at:
        return True
    if observed_at - known.happening.observed_at > SAME_WITHIN:
        return False
    contrary_at = known.said.get(news.happening.source)
    return contrary_at is None or observed_at <= contrary_at


def _ripen(life: Life, terms: Terms, whose: Whose, now: datetime) -> Step:
    """Raise what is pending, if it has held for long enough and may be told."""
    known = occurrence_of(life)
    assert life.since is not None, "pending since when?"
    if known.episode and terms.rearm.once:
        return Step(_quiet(life), Verdict.ONLY_ONCE)
    if now < life.since + timedelta(seconds=terms.sure.hold_s):
        return Step(life, Verdict.HELD_TOO_SHORTLY)
    if now < _armed(known, terms, now):
        return Step(life, Verdict.TOO_SOON)
    return _raise(life, whose, now)


def _armed(known: Occurrence, terms: Terms, moment: datetime) -> datetime:
    """The moment, or when a further episode may begin. A price that falls further is no matter."""
    minutes = terms.rearm.after_minutes
    if known.raised_at is None or minutes is None:
        return moment
    return max(moment, known.raised_at + timedelta(minutes=minutes))


def _raise(life: Life, whose: Whose, now: datetime) -> Step:
    episode = whose.episode(life.place)
    known = msgspec.structs.replace(occurrence_of(life), episode=episode, raised_at=now)
    raised = msgspec.structs.replace(life, phase=Phase.RAISED, since=None, occurrence=known)
    event = Event(Verdict.RAISED, episode, life.price, items=life.items)
    return Step(raised, Verdict.RAISED, (event,))


def _over(life: Life, cause: Cause) -> Step:
    event = Event(Verdict.OVER, occurrence_of(life).episode, None, cause=cause)
    return Step(_quiet(life), Verdict.OVER, (event,))


def _quiet(life: Life) -> Life:
    return Life(occurrence=life.occurrence)
