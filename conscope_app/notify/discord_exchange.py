"""Requests to one Discord webhook, and the JSON that they carry."""

from collections.abc import Iterable
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from discord_webhook import DiscordWebhook

from conscope_app.notify.discord_answers import Answer
from conscope_app.notify.discord_embeds import Embed
from conscope_app.notify.exchange import ANSWER_S, Exchange
from conscope_app.notify.webhook_url import WebhookUrl

_HEADERS = {"Content-Type": "application/json", "User-Agent": "ConScope"}


class DiscordExchange:
    """Sends each request once; neither an answer nor an error names the webhook's token.

    `discord-webhook` builds the payload. The requests are ours: without following redirects and
    without the environment's proxies or .netrc, as `Exchange` makes them.
    """

    def __init__(self, url: WebhookUrl, *, connect_s: float, answer_s: float) -> None:
        self._url = url
        self._exchange = Exchange(
            "Discord",
            url.reveal(),
            connect_s=connect_s,
            answer_s=answer_s,
            private=url.is_loopback,
        )

    @property
    def send_s(self) -> float:
        """How long a request can take once it has begun."""
        return self._exchange.send_s

    async def request(
        self,
        method: Literal["POST", "PATCH"],
        payload: dict[str, Any],
        *,
        below: str = "",
        before: float,
    ) -> Answer:
        """Discord's answer, unless the monotonic clock has passed `before`; see `Exchange`.

        A POST asks Discord to say which message it made. `below` follows the webhook's path.
        """
        webhook = urlsplit(self._url.reveal())
        wait = "wait=true" if method == "POST" else ""
        query = "&".join(filter(None, (webhook.query, wait)))
        target = f"{webhook.path}{below}{f'?{query}' if query else ''}"
        body = msgspec.json.encode(payload)
        answer = await self._exchange.request(method, target, body, _HEADERS, before=before)
        said = self._url.hide(answer.body.decode("utf-8", "replace")).encode()
        return Answer(answer.status, answer.headers, said)

    async def close(self) -> None:
        """Close the connection, after the request that may be on its way."""
        await self._exchange.close()


def payload_with(embeds: Iterable[Embed], url: WebhookUrl) -> dict[str, Any]:
    """The JSON of a message: its embeds, and no mention of anybody."""
    webhook = DiscordWebhook(
        url.reveal(),
        timeout=ANSWER_S,
        wait=True,
        rate_limit_retry=False,
        allowed_mentions={"parse": []},
        embeds=[],  # the library's default list is shared by every message
    )
    for embed in embeds:
        webhook.add_embed(embed)
    # The library's JSON also carries how to send it, which is no business of Discord's.
    payload = webhook.json
    return {key: payload[key] for key in ("allowed_mentions", "embeds")}
