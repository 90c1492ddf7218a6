"""What is to be sent: values that say what, of which episodes, where to, not before when."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Literal

import msgspec

from conscope_app.alerting.watches.watch import Severity

Kind = Literal["raise", "edit", "over", "digest"]

_ID_BYTES = 12

# Discord takes ten embeds in one message, and silently drops those that share a `url`:
# https://discord.com/developers/docs/resources/webhook#execute-webhook
MOST_IN_A_MESSAGE = 10

_RISING: tuple[Severity, ...] = ("info", "warning", "critical")


class Tells(msgspec.Struct, frozen=True):
    """What a message says of one episode."""

    episode: str
    price: Decimal | None
    over: bool


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one channel, to be sent at `not_before` or later.

    `raise` and `digest` are new messages; `edit` and `over` put new words in the place of those of
    an earlier one, which has the same `message`. `subject` is None where there are several.
    The `severity` is the highest of the watches. `reason` says what held it back, if anything did.
    """

    kind: Kind
    channel: str
    message: str
    subject: str | None
    tells: tuple[Tells, ...]
    severity: Severity
    not_before: datetime
    reason: str = ""

    @property
    def is_new(self) -> bool:
        """Whether a message is sent, and not an earlier one edited."""
        return self.kind in ("raise", "digest")

    @property
    def episodes(self) -> tuple[str, ...]:
        """The ids of the episodes."""
        return tuple(each.episode for each in self.tells)


def rank(severity: Severity) -> int:
    """How urgent it is: the higher, the more."""
    return _RISING.index(severity)


def highest(severities: Iterable[Severity]) -> Severity:
    """The most urgent of some."""
    return max(severities, key=rank)


def message_id(channel: str, tells: Iterable[Tells]) -> str:
    """The id of a new message: the same whenever the same is to be said."""
    parts = msgspec.json.encode((channel, [(t.episode, t.price, t.over) for t in tells]))
    return blake2b(parts, digest_size=_ID_BYTES).hexdigest()
