"""Spells of ill health: which of them people are told of, so that one failure alerts nobody.

A spell begins with the first sight that a source is not well, and ends when it has been well for
`WELL_AFTER` on end. People hear of one that lasts for `ILL_AFTER`, and then of its end: once each.
What is to be told is part of the spell, and is stored before it is told: whoever dies in between,
or before it is noted that they have told it, leaves it to the next one, who tells it again.
"""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from conscope_app.sources.polling.health import Health

# The breaker opens after five failures, within half a minute, and tries again after 30 s, 1, 2, 4
# and then each 5 minutes: a source that answers within ten was asked again four times in vain.
ILL_AFTER = timedelta(minutes=10)
# As long as the longest pause of the breaker: one answer between two failures is no recovery.
WELL_AFTER = timedelta(minutes=5)


Word = Literal["source_unhealthy", "source_healthy"]


class Spell(NamedTuple):
    """The one that lasts, if any; `well_since` where it may be over.

    With `telling` people are being told, and it stands still; with `told` they know that it began.
    """

    ill_since: datetime | None = None
    well_since: datetime | None = None
    told: bool = False
    telling: Word | None = None


class News(NamedTuple):
    """What people are to hear, in the words of watches, and since when it is so."""

    what: Word
    since: datetime


def go_on(spell: Spell, health: Health, now: datetime) -> Spell:
    """The spell, as it is with what is seen now."""
    if spell.telling is not None:
        return spell
    if health.state != "healthy":
        spell = spell._replace(ill_since=spell.ill_since or now, well_since=None)
        is_news = not spell.told and _lasts(spell, health, now)
        return spell._replace(telling="source_unhealthy") if is_news else spell
    if spell.ill_since is None:
        return spell
    spell = spell._replace(well_since=spell.well_since or now)
    if not _is_over(spell, now):
        return spell
    return spell._replace(telling="source_healthy") if spell.told else Spell()


def news_of(spell: Spell) -> News | None:
    """What is to be told now."""
    since = spell.ill_since if spell.telling == "source_unhealthy" else spell.well_since
    if spell.telling is None:
        return None
    assert since is not None, "what is told has begun"
    return News(spell.telling, since)


def told(spell: Spell) -> Spell:
    """The spell, when people know."""
    is_over = spell.telling == "source_healthy"
    return Spell() if is_over else spell._replace(told=True, telling=None)


def _lasts(spell: Spell, health: Health, now: datetime) -> bool:
    # A key that is not accepted will not be, until somebody sees to it.
    is_certain = health.state == "not authorised"
    return is_certain or (spell.ill_since is not None and now - spell.ill_since >= ILL_AFTER)


def _is_over(spell: Spell, now: datetime) -> bool:
    return spell.well_since is not None and now - spell.well_since >= WELL_AFTER
