"""What every channel for watches can do. How telling it can fail: see `notify.base`, and

    NotifyError
    └── MessageGone   the message to be edited is no more (a person deleted it): nothing was told

A channel tells a message once and says what came of it. Waiting, trying again, and noting that a
message is about to be sent are the courier's.
"""

from typing import Literal, Protocol

from conscope_app.alerting.watches.announcement import Announcement
from conscope_app.notify.base import NotifyError, Receipt

ChannelKind = Literal["discord", "email", "webhook", "console", "apprise"]

# No channel's `send_s` is longer: a lease of a channel that is longer than this suits all of them.
LONGEST_SEND_S = 30.0


class MessageGone(NotifyError):
    """There is nothing left to edit; what it says may be told in a new message."""


class Channel(Protocol):
    """One way to people. Safe to be asked from one task at a time.

    `send` and `edit` raise a `NotifyError` where the message was not told. Only with `Retryable`
    it may have been told all the same: its answer did not arrive.
    """

    @property
    def name(self) -> str:
        """What watches call it in `to.channels`."""

    @property
    def kind(self) -> ChannelKind:
        """What it is."""

    @property
    def can_edit(self) -> bool:
        """Whether new words can take the place of what a message says; else `edit` is not asked."""

    @property
    def send_s(self) -> float:
        """How long `send` or `edit` can take once it has looked at `before`."""

    @property
    def fingerprint(self) -> str:
        """Tells this address from another one under the same name; reveals nothing of it."""

    async def send(self, announcement: Announcement, *, before: float) -> Receipt:
        """Tell a new message, unless the monotonic clock has passed `before` (`TooLate`).

        The receipt's `message_id` is the reference under which it can be edited. It is None where
        the message was taken, but its id not said: that one cannot be edited.

        An announcement that is over may be sent too, to channels that cannot edit.
        """

    async def edit(self, reference: str, announcement: Announcement, *, before: float) -> Receipt:
        """Put these words in the place of those of an earlier message; may be done again.

        Raises `MessageGone` where that one is no more, `Rejected` where the channel cannot edit,
        and like `send` otherwise.
        """

    async def close(self) -> None:
        """Let go of connections and threads, after what is on its way."""
