"""Which of the waiting alerts go into the next message, and how each of them is told.

The rules, in order:

1. Alerts are told in the order in which they wait, so an event's alerts stay in order.
2. As long as the messages that may be sent at once can hold all that waits, each alert is shown in
   full, up to `Limits.alerts` in a message.
3. Where more waits than that, everything that waits goes into the next message: the largest drops
   in full, the rest counted in a digest. Nothing is left for later, so nobody hears hours late of
   a price that is gone, and nothing is dropped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from conscope_app.alerting.digest import largest_first
from conscope_app.alerting.waiting import WaitingAlert

Weigh = Callable[[WaitingAlert], int]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one message to a channel can hold."""

    alerts: int
    characters: int
    digest_characters: int  # kept free for the digest in a message that has one


@dataclass(frozen=True, slots=True)
class Message:
    """One message: alerts shown in full, and alerts that are only counted, in the order waited."""

    shown: tuple[WaitingAlert, ...]
    folded: tuple[WaitingAlert, ...] = ()

    @property
    def is_digest(self) -> bool:
        """Whether some alerts are only counted."""
        return bool(self.folded)

    @property
    def alerts(self) -> tuple[WaitingAlert, ...]:
        """All that this message tells of."""
        return self.shown + self.folded


def choose(
    waiting: Sequence[WaitingAlert], *, places_left: int, limits: Limits, weigh: Weigh
) -> Message:
    """The next message of a non-empty queue, while `places_left` (one or more) may be sent."""
    if len(waiting) <= places_left * limits.alerts:
        return Message(tuple(_fitting(waiting, limits.alerts, limits.characters, weigh)))
    largest = nsmallest(limits.alerts - 1, waiting, key=largest_first)
    room = limits.characters - limits.digest_characters
    shown = tuple(_fitting(largest, limits.alerts - 1, room, weigh))
    told = {alert.delivery_id for alert in shown}
    return Message(shown, tuple(alert for alert in waiting if alert.delivery_id not in told))


def _fitting(
    alerts: Sequence[WaitingAlert], count: int, characters: int, weigh: Weigh
) -> list[WaitingAlert]:
    """The first alerts that fit together; always one, since a message without any tells nothing."""
    chosen: list[WaitingAlert] = []
    for alert in alerts[:count]:
        characters -= weigh(alert)
        if chosen and characters < 0:
            break
        chosen.append(alert)
    return chosen
