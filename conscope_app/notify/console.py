"""The console: prints what Discord would be told, for people without a webhook."""

import asyncio
from typing import TextIO

from conscope_app.alerting.digest import Digest, summarise
from conscope_app.alerting.grouping import Limits, Message
from conscope_app.alerting.waiting import WaitingAlert
from conscope_app.core.clock import monotonic_s
from conscope_app.notify.base import Receipt, Retryable, TooLate
from conscope_app.notify.wording import drop, percent, place, plain, price_change

_NAMED_EVENTS = 5
_NAMED_DROPS = 3


class ConsoleNotifier:
    """Prints one line an alert. What is printed is told: it keeps no id and limits nothing else."""

    channel = "console"
    fingerprint = "console"
    limits = Limits(alerts=10, characters=100_000, digest_characters=10_000)
    send_s = 5.0

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def weigh(self, alert: WaitingAlert) -> int:
        """The length of the alert's line."""
        return len(_alert_line(alert))

    async def deliver(self, message: Message, *, before: float) -> Receipt:
        """Print the message, unless the monotonic clock has passed `before`."""
        lines = [_alert_line(alert) for alert in message.shown]
        if message.is_digest:
            lines += _digest_lines(summarise(message.folded, name_largest=_NAMED_DROPS))
        # In a thread, since whoever reads our output may be slow.
        await asyncio.to_thread(self._print, "".join(f"{line}\n" for line in lines), before)
        return Receipt()

    async def close(self) -> None:
        """Nothing is held."""

    def _print(self, text: str, before: float) -> None:
        if monotonic_s() >= before:
            raise TooLate("the lease had run out before the message was printed")
        try:
            self._out.write(text)
            self._out.flush()
        except (OSError, ValueError) as error:  # the pipe is broken, or the stream closed
            raise Retryable(f"the console cannot be written: {type(error).__name__}") from None


def _alert_line(alert: WaitingAlert) -> str:
    return (
        f"🚨 {plain(alert.event_name)} · {plain(alert.venue)} · {place(alert)}: "
        f"{price_change(alert)}, {drop(alert)} less · {plain(alert.source.upper())} · {alert.id}"
    )


def _digest_lines(digest: Digest) -> list[str]:
    lines = [f"📦 {digest.drops:,} more price drops, {digest.first_id} … {digest.last_id}"]
    lines += [
        f"   {plain(event.event_name)}: {event.drops:,}, up to {percent(event.largest_percent)}"
        for event in digest.events[:_NAMED_EVENTS]
    ]
    if len(digest.events) > _NAMED_EVENTS:
        lines.append(f"   and {len(digest.events) - _NAMED_EVENTS:,} more events")
    return lines + [f"   📉 {_alert_line(alert)}" for alert in digest.largest]
