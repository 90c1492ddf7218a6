"""An episode at one channel: what the channel should say of it, and what it has said.

Whatever is to be told is the difference of the two. So nothing is announced twice, and what is held
back is told as it is when it may be told.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.happening import Happening
from conscope_app.alerting.watches.verdicts import Verdict


class Said(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a channel has said of an episode, in which message, and when."""

    message: str
    price: Decimal | None
    over: bool
    at: datetime


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """See the module. `changed_at` is when it should first have said what it has not said yet.

    What is `on_its_way` in a new message may have been read, whatever came of it.

    With a `happening` it is told once: what has happened does not change, and its end is no news.
    """

    episode: str
    watch_id: str
    subject: str
    items: tuple[str, ...]
    labels: Mapping[str, str]
    currency: str
    basis: str
    raised_at: datetime
    raised_price: Decimal | None
    price: Decimal | None
    reason: str
    changed_at: datetime
    over: bool = False
    acknowledged: bool = False
    said: Said | None = None
    on_its_way: bool = False
    happening: Happening | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether there is something to say."""
        if self.acknowledged:
            return False
        said = self.said
        if said is not None and self.happening is not None:
            return False
        return said is None or said.over != self.over or said.price != self.price

    @property
    def is_finished(self) -> bool:
        """Whether nothing will ever be said of it again."""
        if self.happening is not None:
            return self.acknowledged or self.said is not None
        if not self.over:
            return False
        return self.acknowledged or (self.said is not None and self.said.over)


def begun(decision: Decision) -> Entry:
    """The entry of an episode that was raised."""
    return Entry(
        decision.episode,
        decision.watch_id,
        decision.subject,
        decision.items,
        decision.labels,
        decision.currency,
        decision.basis,
        decision.at,
        decision.price,
        decision.price,
        decision.reason,
        decision.at,
        happening=decision.happening,
    )


def followed(entry: Entry, decision: Decision) -> Entry:
    """The entry after its episode was updated, or is over. It keeps its last price."""
    is_over = decision.verdict is Verdict.OVER
    return msgspec.structs.replace(
        entry,
        items=decision.items or entry.items,
        price=entry.price if is_over else decision.price,
        reason=decision.reason,
        over=is_over,
        changed_at=entry.changed_at if entry.is_waiting else decision.at,
    )
