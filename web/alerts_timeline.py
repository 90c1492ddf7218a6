"""What became of an alert, moment by moment."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from conscope_app.store.alerts.drops import Drop
from conscope_app.store.watches.told_episodes import AtChannel, ToldEpisode
from web.alerts_words import Level, why_of
from web.templating import money


class Moment(NamedTuple):
    """Something that happened: how it stands with it, what it was, and what was said of it."""

    at: datetime
    level: Level
    what: str
    more: str = ""


def of_episode(told: ToldEpisode) -> list[Moment]:
    """An episode from when it was raised, the oldest first."""
    return sorted(_of_episode(told), key=lambda each: each.at)


def of_drop(drop: Drop) -> list[Moment]:
    """A price drop from when its price was observed, the oldest first."""
    return sorted(_of_drop(drop), key=lambda each: each.at)


def _of_episode(told: ToldEpisode) -> Iterator[Moment]:
    at_price = _at(told, raised=True)
    yield Moment(told.raised_at, "bad", f"Raised{at_price}", told.raised_reason)
    if told.over_at is not None:
        yield Moment(told.over_at, "quiet", "Over", told.reason)
    elif told.decided_at > told.raised_at:
        yield Moment(told.decided_at, "bad", f"Fell further{_at(told, raised=False)}", told.reason)
    if told.acknowledged_at is not None:
        what = "Acknowledged: nothing more is said of it"
        yield Moment(told.acknowledged_at, "good", what)
    for each in told.channels:
        yield from _at_channel(each)


def _at(told: ToldEpisode, *, raised: bool) -> str:
    price = told.raised_price if raised else told.price
    return "" if price is None else f" at {money(price, told.currency)}"


def _at_channel(at: AtChannel) -> Iterator[Moment]:
    yield Moment(at.queued_at, "quiet", f"Queued for {at.channel}")
    if at.sent_at is not None:
        more = "" if at.reference is None else f"message {at.reference}"
        yield Moment(at.sent_at, "good", f"Told at {at.channel}", more)
    if at.edited_at is not None:
        what = f"The message at {at.channel} was changed"
        yield Moment(at.edited_at, "good", what, f"{at.edits} in all" if at.edits > 1 else "")
    if at.gone_at is not None:
        yield Moment(at.gone_at, "wait", f"Somebody deleted the message at {at.channel}")
    if at.state == "given_up" and at.finished_at is not None:
        yield Moment(at.finished_at, "bad", f"Given up at {at.channel}", at.last_error or "")


def _of_drop(drop: Drop) -> Iterator[Moment]:
    price = money(drop.new_price, drop.currency)
    yield Moment(drop.observed_at, "quiet", f"{drop.source} asked {price}")
    level: Level = "bad" if drop.decision == "raised" else "quiet"
    yield Moment(drop.alert_timestamp, level, "The drop was found", why_of(drop))
    for each in drop.deliveries:
        yield Moment(each.queued_at, "quiet", f"Queued for {each.channel}")
        if each.sent_at is not None:
            more = "" if each.message is None else f"message {each.message}"
            yield Moment(each.sent_at, "good", f"Told at {each.channel}", more)
