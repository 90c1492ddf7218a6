"""Discord: one webhook, one POST a message."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import msgspec
from discord_webhook import DiscordWebhook

from conscope_app.alerting.digest import summarise
from conscope_app.alerting.grouping import Limits, Message
from conscope_app.alerting.waiting import WaitingAlert
from conscope_app.core.clock import monotonic_s
from conscope_app.notify.base import Receipt, Retryable, TooLate
from conscope_app.notify.bounded_http import SLACK_S, BoundedConnection
from conscope_app.notify.discord_answers import Answer, judge
from conscope_app.notify.discord_embeds import (
    LIMITS,
    NAMED_DROPS,
    Embed,
    alert_embed,
    digest_embed,
    weigh,
)
from conscope_app.notify.webhook_url import WebhookUrl

CONNECT_S = 4.0
ANSWER_S = 10.0

_HEADERS = {"Content-Type": "application/json", "User-Agent": "ConScope"}


class DiscordNotifier:
    """Tells a Discord channel through its webhook.

    `discord-webhook` builds the payload. The POST is ours: once, without following redirects and
    without the environment's proxies or .netrc, in a thread of its own, since sockets block. It is
    over `answer_s` after its first byte was sent, whatever the other side does.
    """

    channel = "discord"
    limits: Limits = LIMITS

    def __init__(
        self, url: WebhookUrl, *, connect_s: float = CONNECT_S, answer_s: float = ANSWER_S
    ) -> None:
        self._answer_s = answer_s
        self.send_s = answer_s + SLACK_S
        self._url = url
        self._target = _target(url)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="discord")
        self._connection = BoundedConnection(
            url.reveal(), connect_s=connect_s, private=url.is_loopback
        )
        # What was weighed for the next message, so that it is not rendered a second time.
        self._rendered: dict[int, tuple[WaitingAlert, Embed]] = {}

    def __repr__(self) -> str:
        return f"DiscordNotifier({self._url!r})"

    @property
    def fingerprint(self) -> str:
        """Tells this webhook from another one."""
        return self._url.fingerprint

    def weigh(self, alert: WaitingAlert) -> int:
        """The characters of the alert's embed that Discord counts."""
        embed = alert_embed(alert)
        self._rendered[alert.delivery_id] = alert, embed
        return weigh(embed)

    async def deliver(self, message: Message, *, before: float) -> Receipt:
        """POST the message once, unless the monotonic clock has passed `before`."""
        loop = asyncio.get_running_loop()
        payload = payload_of(message, self._url, self._embed)
        self._rendered.clear()
        body = msgspec.json.encode(payload)
        answer = await loop.run_in_executor(self._thread, self._post, body, before)
        if isinstance(answer, str):
            # Raised here, far from the error it comes from: none of its parts can name the address.
            raise Retryable(f"Discord did not answer: {answer}")
        return judge(answer)

    async def close(self) -> None:
        """Close the connection and the thread, after the POST that may be on its way."""
        await asyncio.to_thread(self._thread.shutdown)
        self._connection.close()

    def _embed(self, alert: WaitingAlert) -> Embed:
        rendered = self._rendered.get(alert.delivery_id)
        return rendered[1] if rendered and rendered[0] is alert else alert_embed(alert)

    def _post(self, body: bytes, before: float) -> Answer | str:
        """Discord's answer, or why there is none."""
        try:
            self._connection.open()
            # Only now, as names and handshakes may take as long as they like.
            now = monotonic_s()
            if now >= before:
                raise TooLate("the lease had run out before the message was sent")
            until = now + self._answer_s
            answer = self._connection.post(self._target, body, _HEADERS, until=until)
        except (OSError, HTTPException, ValueError) as error:
            return type(error).__name__
        said = self._url.hide(answer.body.decode("utf-8", "replace")).encode()
        return Answer(answer.status, answer.headers, said)


def _target(url: WebhookUrl) -> str:
    """The webhook's path, asking Discord to say which message it made."""
    parts = urlsplit(url.reveal())
    return f"{parts.path}?{parts.query}{'&' if parts.query else ''}wait=true"


def payload_of(
    message: Message, url: WebhookUrl, embed: Callable[[WaitingAlert], Embed] = alert_embed
) -> dict[str, Any]:
    """The JSON of a message: its embeds, and no mention of anybody."""
    webhook = DiscordWebhook(
        url.reveal(),
        timeout=ANSWER_S,
        wait=True,
        rate_limit_retry=False,
        allowed_mentions={"parse": []},
        embeds=[],  # the library's default list is shared by every message
    )
    for alert in message.shown:
        webhook.add_embed(embed(alert))
    if message.is_digest:
        webhook.add_embed(digest_embed(summarise(message.folded, name_largest=NAMED_DROPS)))
    # The library's JSON also carries how to send it, which is no business of Discord's.
    payload = webhook.json
    return {key: payload[key] for key in ("allowed_mentions", "embeds")}
