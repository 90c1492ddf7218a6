"""The console as a channel: prints what the other ones would tell."""

import asyncio
from typing import TextIO

from conscope_app.alerting.watches.announcement import Announcement
from conscope_app.core.clock import monotonic_s
from conscope_app.notify.announcement_wording import SYMBOLS, headline, summary
from conscope_app.notify.base import Receipt, Retryable, TooLate
from conscope_app.notify.channels import ChannelKind

_CHANGED = "↻"


class ConsoleChannel:
    """Prints a line for each episode, and the new ones where Discord would edit its message.

    What is printed is told. Its references are the messages' own ids.
    """

    kind: ChannelKind = "console"
    can_edit = True
    fingerprint = "console"
    send_s = 5.0

    def __init__(self, name: str, out: TextIO) -> None:
        self.name = name
        self._out = out

    async def send(self, announcement: Announcement, *, before: float) -> Receipt:
        """Print the message, unless the monotonic clock has passed `before`."""
        return await self._tell(announcement, before)

    async def edit(self, reference: str, announcement: Announcement, *, before: float) -> Receipt:
        """Print what the message would say now."""
        return await self._tell(announcement, before)

    async def close(self) -> None:
        """Nothing is held."""

    async def _tell(self, announcement: Announcement, before: float) -> Receipt:
        sign = SYMBOLS[announcement.severity] if announcement.is_new else _CHANGED
        lines = [f"{sign} {summary(line)} · {line.episode}" for line in announcement.lines]
        if announcement.kind == "digest":
            lines = [headline(announcement), *(f"   {line}" for line in lines)]
        # In a thread, since whoever reads our output may be slow.
        await asyncio.to_thread(self._print, "".join(f"{line}\n" for line in lines), before)
        return Receipt(announcement.message)

    def _print(self, text: str, before: float) -> None:
        if monotonic_s() >= before:
            raise TooLate("the lease had run out before the message was printed")
        try:
            self._out.write(text)
            self._out.flush()
        except (OSError, ValueError) as error:  # the pipe is broken, or the stream closed
            raise Retryable(f"the console cannot be written: {type(error).__name__}") from None
