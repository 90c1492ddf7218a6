"""Alerts in words."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from conscope_app.domains.tickets.records import as_utc
from conscope_app.store.alerts.drop_deliveries import DropDelivery
from conscope_app.store.alerts.drops import Drop
from conscope_app.store.watches.told_episodes import AtChannel, ToldEpisode
from web.seat_numbers import seats_in_words
from web.templating import moment, percent, spoken

Level = Literal["good", "wait", "bad", "quiet"]

_STATES: Mapping[str, tuple[Level, str]] = {
    "waiting": ("wait", "waiting"),
    "told": ("good", "told"),
    "acknowledged": ("quiet", "nothing more is said"),
    "finished": ("quiet", "told to its end"),
    "given_up": ("bad", "given up"),
}
_STATUSES: Mapping[str, tuple[Level, str]] = {
    "sent": ("good", "told"),
    "waiting": ("wait", "waiting"),
    "dead": ("bad", "given up"),
}
_HELD = {
    "below_minimum_drop": "nobody was told: it is less than the least drop that is told of",
    "rebuilt": "nobody was told: it was stored anew after a loss, and may have been told before",
}


class Stands(NamedTuple):
    """How an alert stands at a channel: a word, and what there is to say of it."""

    channel: str
    level: Level
    word: str
    more: list[str]


def later(at: datetime, seconds: int) -> str:
    """A moment so many seconds later, as the API takes it."""
    return (at + timedelta(seconds=seconds)).isoformat()


def minute_of(text: str) -> str:
    """A moment of an address as a field for moments takes it, in UTC; nothing, where it is none."""
    try:
        return f"{as_utc(datetime.fromisoformat(text.replace(' ', '+'))):%Y-%m-%dT%H:%M}"
    except (ValueError, OverflowError):
        return ""


def link_of(url: str | None) -> str | None:
    """An address from outside that may be followed; None for every other."""
    return url if url is not None and url.startswith(("https://", "http://")) else None


def seats_of(told: ToldEpisode) -> str:
    """Where the seats are that were found, as far as they have it in common."""
    labels = told.labels
    row = labels.get("row", "")
    seats = seats_in_words(told.items, labels.get("seat", ""))
    parts = [labels.get("section", ""), f"row {row}" if row else "", seats]
    return ", ".join(filter(None, parts)) or "no seat in particular"


def without_price(told: ToldEpisode) -> str:
    """What stands where others have a price: what happened, as the reason begins."""
    return told.raised_reason.removeprefix("raised: ").partition(",")[0]


def fallen(told: ToldEpisode) -> Decimal | None:
    """By how many percent the price has fallen since it was raised."""
    if not told.raised_price or told.price is None or told.price >= told.raised_price:
        return None
    return (told.raised_price - told.price) / told.raised_price * 100


def why_of(drop: Drop) -> str:
    """Why a price drop was told, or was not, in a sentence."""
    fell = f"The price fell by {percent(drop.drop_percent)} since it was last seen"
    if drop.decision == "raised":
        return f"{fell}."
    return f"{fell}; {_HELD.get(drop.decision) or 'nobody was told: ' + spoken(drop.decision)}."


def episode_at(at: AtChannel, switched_off: Mapping[str, str]) -> Stands:
    """How an episode stands at a channel; `switched_off` says why channels are."""
    level, word = _STATES[at.state]
    if at.state == "waiting" and at.held:
        word = "held"
    if at.state == "finished" and at.message is None:
        word = "never told"
    return Stands(at.channel, level, word, [*_of_episode(at, switched_off)])


def drop_at(at: DropDelivery) -> Stands:
    """How a price drop stands at a channel."""
    level, word = _STATUSES[at.status]
    return Stands(at.channel, level, word, [*_of_drop(at)])


def _of_episode(at: AtChannel, switched_off: Mapping[str, str]) -> Iterator[str]:
    if at.sent_at is not None:
        yield moment(at.sent_at) if at.state == "told" else f"told {moment(at.sent_at)}"
    if at.edits:
        yield f"changed {_times(at.edits)}"
    if at.gone_at is not None:
        yield f"message deleted there {moment(at.gone_at)}"
    if at.reference is not None:
        yield f"message {at.reference}"
    if at.state == "waiting":
        yield from [at.held.removeprefix("held: ")] if at.held else []
        yield from [f"next at {moment(at.due_at)}"] if at.due_at else []
        if at.channel in switched_off:
            yield f"the channel is switched off: {switched_off[at.channel]}"
    if at.attempts:
        yield f"failed {_times(at.attempts)}" + (" in a row" if at.attempts > 1 else "")
    if at.last_error is not None:
        yield f"last error: {at.last_error}"


def _of_drop(at: DropDelivery) -> Iterator[str]:
    if at.sent_at is not None:
        yield moment(at.sent_at)
    if at.message is not None:
        yield f"message {at.message}" + (", together with others" if at.digest else "")
    if at.status == "waiting" and not at.attempts:
        yield "not tried yet"
    elif at.attempts > 1 or at.status != "sent":
        yield f"tried {_times(at.attempts)}"
    if at.next_attempt_at is not None:
        yield f"next at {moment(at.next_attempt_at)}"
    if at.switched_off_at is not None:
        yield f"the channel is switched off: {at.switched_off_reason or 'no reason was kept'}"
    if at.last_error is not None:
        yield f"last error: {at.last_error}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
