"""What every channel can do, and how telling it can fail.

    NotifyError
    ├── Retryable   the channel is away, busy, or answered nothing sensible: the same again, later
    ├── Rejected    the channel refuses this message: the same again is refused again
    ├── Disabled    the channel refuses us: nothing more until its setting changes
    └── TooLate     nothing was sent, since the permission to send had run out

No text of these errors holds a webhook's token. A notifier sends a message once and says what came
of it; waiting and trying again is the courier's.
"""

from dataclasses import dataclass
from typing import Protocol

from conscope_app.alerting.grouping import Limits, Message
from conscope_app.alerting.waiting import WaitingAlert


class NotifyError(Exception):
    """A message that was not told. `invalid`: the channel counts the request against us."""

    def __init__(self, problem: str, *, invalid: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.invalid = invalid


class Retryable(NotifyError):
    """The same message may be told later; after `retry_after_s`, where the channel said so."""

    def __init__(
        self, problem: str, *, retry_after_s: float | None = None, invalid: bool = False
    ) -> None:
        super().__init__(problem, invalid=invalid)
        self.retry_after_s = retry_after_s


class Rejected(NotifyError):
    """The channel will never take this message as it is."""


class Disabled(NotifyError):
    """The channel wants nothing more from this address."""


class TooLate(NotifyError):
    """The moment until which the message might be sent had passed; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The channel has taken a message: the id it gave it, and how long it wants no other."""

    message_id: str | None = None
    pause_s: float = 0.0


class Notifier(Protocol):
    """One channel to people."""

    @property
    def channel(self) -> str:
        """The channel's name in `deliveries`."""

    @property
    def fingerprint(self) -> str:
        """Tells this address from another one of the same channel; reveals nothing of it."""

    @property
    def limits(self) -> Limits:
        """What one message can hold."""

    @property
    def send_s(self) -> float:
        """How long `deliver` can take once it has begun to send."""

    def weigh(self, alert: WaitingAlert) -> int:
        """How many of a message's characters the alert takes when it is shown in full."""

    async def deliver(self, message: Message, *, before: float) -> Receipt:
        """Tell the channel once, unless the monotonic clock has passed `before`.

        Raises a `NotifyError` otherwise; where the channel's answer did not arrive (`Retryable`),
        it may have taken the message all the same.
        """

    async def close(self) -> None:
        """Let go of connections and threads."""
