"""An alert's life: quiet, pending, raised, over. A pure state machine, for one watch and series.

What is observed comes in order, and time comes only from whoever calls. Every step says what is to
be told, or why nothing is. An episode is one life from raised to over; it is raised once.
"""

from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from conscope_app.alerting.watches import occurrences
from conscope_app.alerting.watches.lives import (
    Event,
    Finding,
    Life,
    Phase,
    Step,
    Terms,
    Told,
    Whose,
)
from conscope_app.alerting.watches.verdicts import Cause, Verdict
from conscope_app.alerting.watches.watch import Rearm

_HUNDRED = Decimal(100)


def observe(life: Life, finding: Finding, terms: Terms, whose: Whose, now: datetime) -> Step:
    """Take one observation in."""
    if life.phase is Phase.RAISED:
        return _observe_raised(life, finding, terms, whose, now)
    if finding.cause is not None or finding.price is None:
        if finding.doubtful and life.phase is not Phase.QUIET:
            return Step(life, Verdict.JUMP)
        verdict = Verdict.LAPSED if life.phase is Phase.PENDING else Verdict.NOT_TRUE
        return Step(_quiet(life), verdict)
    if life.phase is Phase.MUTED:
        return Step(life, Verdict.ALREADY_TRUE)
    if life.phase is Phase.QUIET:
        life = msgspec.structs.replace(
            life,
            phase=Phase.PENDING,
            threshold=finding.threshold,
            since=now,
            place=finding.place,
            # The doubtful one has to be seen again.
            needed=max(terms.sure.observations, 2 if finding.doubtful else 1),
        )
    elif finding.doubtful:
        return Step(life, Verdict.JUMP)
    pending = msgspec.structs.replace(
        life, seen=life.seen + 1, price=finding.price, items=finding.items
    )
    step = _ripen(pending, terms, whose, now)
    if finding.doubtful and step.verdict is Verdict.SEEN_TOO_RARELY:
        return Step(step.life, Verdict.JUMP)
    return step


def elapse(life: Life, whose: Whose, now: datetime) -> Step:
    """What follows at `due_at` by itself; the terms are those under which that was reckoned."""
    if life.occurrence is not None:
        return occurrences.elapse(life, whose, now)
    if life.phase is Phase.PENDING:
        return _raise(life, whose, now)
    if life.phase is Phase.RAISED and life.since is not None:
        return _over(life, life.cause or Cause.ROSE)
    return Step(life, Verdict.STILL_TRUE if life.phase is Phase.RAISED else Verdict.NOT_TRUE)


def end(life: Life, cause: Cause) -> Step:
    """End what is raised, whatever its price."""
    if life.occurrence is not None:
        return occurrences.end(life, cause)
    if life.phase is not Phase.RAISED:
        return Step(_quiet(life), Verdict.NOT_TRUE)
    return _over(life, cause)


def mute(life: Life, finding: Finding) -> Life:
    """What is true already, and not to be told."""
    return msgspec.structs.replace(life, phase=Phase.MUTED, threshold=finding.threshold)


def due_at(life: Life, terms: Terms) -> datetime | None:
    """From when on `elapse` tells something, if nothing is observed before; None: never."""
    if life.occurrence is not None:
        return occurrences.due_at(life, terms)
    if life.since is None:
        return None
    if life.phase is Phase.RAISED:
        return life.since + timedelta(seconds=terms.sure.over_s)
    if life.seen < life.needed:
        return None
    sure_at = life.since + timedelta(seconds=terms.sure.hold_s)
    if _bar(life, terms.rearm, sure_at) is None:
        return sure_at
    armed_at = _armed_at(life, terms.rearm)
    return None if armed_at is None else max(sure_at, armed_at)


def is_needless(life: Life, terms: Terms, now: datetime) -> bool:
    """Whether a life says no more than none at all."""
    if life.occurrence is not None:
        return occurrences.is_needless(life, terms, now)
    if life.phase is not Phase.QUIET or life.first is not None:
        return False
    return life.told is None or (not terms.rearm.once and _bar(life, terms.rearm, now) is None)


def _observe_raised(
    life: Life, finding: Finding, terms: Terms, whose: Whose, now: datetime
) -> Step:
    if finding.doubtful:
        return Step(life, Verdict.JUMP)
    told = _told(life)
    if finding.cause is not None or finding.price is None:
        if life.since is None:
            cause = finding.cause or Cause.GONE
            life = msgspec.structs.replace(life, since=now, cause=cause, price=finding.price)
        return _doubt(life, terms, now)
    # Above the price at which it was raised it may still be low enough.
    still = msgspec.structs.replace(
        life, since=None, cause=None, price=finding.price, items=finding.items
    )
    if _is_further(finding.price, told, terms.rearm) and not terms.rearm.once:
        ended = Event(Verdict.OVER, told.episode, finding.price, cause=Cause.FURTHER)
        step = _raise(msgspec.structs.replace(still, place=finding.place), whose, now)
        return Step(step.life, step.verdict, (ended, *step.events))
    if finding.price >= told.price:
        return Step(still, Verdict.STILL_TRUE)
    lower = msgspec.structs.replace(told, price=finding.price)
    event = Event(Verdict.UPDATED, told.episode, finding.price, told.price, finding.items)
    return Step(msgspec.structs.replace(still, told=lower), Verdict.UPDATED, (event,))


def _ripen(life: Life, terms: Terms, whose: Whose, now: datetime) -> Step:
    """Raise what is pending, if it is sure and may be told."""
    assert life.since is not None, "pending since when?"
    if life.seen < life.needed:
        return Step(life, Verdict.SEEN_TOO_RARELY)
    if now < life.since + timedelta(seconds=terms.sure.hold_s):
        return Step(life, Verdict.HELD_TOO_SHORTLY)
    bar = _bar(life, terms.rearm, now)
    return _raise(life, whose, now) if bar is None else Step(life, bar)


def _raise(life: Life, whose: Whose, now: datetime) -> Step:
    assert life.price is not None, "raised at which price?"
    episode = whose.episode(life.place)
    told = Told(episode, now, life.price, life.price)
    raised = msgspec.structs.replace(
        life, phase=Phase.RAISED, since=None, seen=0, needed=0, told=told
    )
    event = Event(Verdict.RAISED, episode, life.price, items=life.items)
    return Step(raised, Verdict.RAISED, (event,))


def _doubt(life: Life, terms: Terms, now: datetime) -> Step:
    """End what is raised, if the contrary has held for long enough."""
    assert life.since is not None, "doubted since when?"
    if now < life.since + timedelta(seconds=terms.sure.over_s):
        return Step(life, Verdict.MAY_BE_OVER)
    return _over(life, life.cause or Cause.ROSE)


def _over(life: Life, cause: Cause) -> Step:
    price = life.price if cause is Cause.ROSE else None
    event = Event(Verdict.OVER, _told(life).episode, price, cause=cause)
    return Step(_quiet(life), Verdict.OVER, (event,))


def _quiet(life: Life) -> Life:
    return Life(first=life.first, told=life.told)


def _bar(life: Life, rearm: Rearm, now: datetime) -> Verdict | None:
    """What forbids a further episode now, at this price."""
    told = life.told
    if told is None:
        return None
    if rearm.once:
        return Verdict.ONLY_ONCE
    if rearm.after_minutes is None and rearm.further_drop_percent is None:
        return None
    if life.price is not None and _is_further(life.price, told, rearm):
        return None
    armed_at = _armed_at(life, rearm)
    if armed_at is None:
        return Verdict.NOT_FURTHER
    return Verdict.TOO_SOON if now < armed_at else None


def _is_further(price: Decimal, told: Told, rearm: Rearm) -> bool:
    percent = rearm.further_drop_percent
    return percent is not None and price <= told.raised_price * (_HUNDRED - percent) / _HUNDRED


def _armed_at(life: Life, rearm: Rearm) -> datetime | None:
    """From when on a further episode may begin at any price; None: never."""
    if life.told is None or rearm.once or rearm.after_minutes is None:
        return None
    return life.told.raised_at + timedelta(minutes=rearm.after_minutes)


def _told(life: Life) -> Told:
    assert life.told is not None, "raised, so it was told"
    return life.told
