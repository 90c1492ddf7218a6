"""Discord as a channel for watches: one webhook, a POST for a message, a PATCH for new words."""

from typing import Any
from urllib.parse import urlsplit

import msgspec
from discord_webhook import DiscordWebhook

from conscope_app.alerting.watches.announcement import Announcement
from conscope_app.notify.announcement_embeds import embeds_of
from conscope_app.notify.base import Receipt
from conscope_app.notify.channels import ChannelKind, MessageGone
from conscope_app.notify.discord_answers import Answer, judge, judge_edit
from conscope_app.notify.exchange import ANSWER_S, CONNECT_S, Exchange
from conscope_app.notify.webhook_url import WebhookUrl

_HEADERS = {"Content-Type": "application/json", "User-Agent": "ConScope"}


class DiscordChannel:
    """Tells a Discord channel through its webhook; its references are Discord's message ids.

    `discord-webhook` builds the payload. The requests are ours: each once, without following
    redirects and without the environment's proxies or .netrc.
    """

    kind: ChannelKind = "discord"
    can_edit = True

    def __init__(
        self,
        name: str,
        url: WebhookUrl,
        *,
        connect_s: float = CONNECT_S,
        answer_s: float = ANSWER_S,
    ) -> None:
        self.name = name
        self._url = url
        self._exchange = Exchange(
            "Discord",
            url.reveal(),
            connect_s=connect_s,
            answer_s=answer_s,
            private=url.is_loopback,
        )

    def __repr__(self) -> str:
        return f"DiscordChannel({self.name!r}, {self._url!r})"

    @property
    def fingerprint(self) -> str:
        """Tells this webhook from another one."""
        return self._url.fingerprint

    @property
    def send_s(self) -> float:
        """How long a request can take once it has begun."""
        return self._exchange.send_s

    async def send(self, announcement: Announcement, *, before: float) -> Receipt:
        """POST the message once, asking Discord to say which one it made of it."""
        return judge(await self._request("POST", "", announcement, before))

    async def edit(self, reference: str, announcement: Announcement, *, before: float) -> Receipt:
        """PATCH the message once. Nobody is notified of it."""
        if not (reference.isascii() and reference.isdigit()):
            raise MessageGone("what is to be edited is no message of Discord's")
        message = f"/messages/{reference}"
        return judge_edit(await self._request("PATCH", message, announcement, before))

    async def close(self) -> None:
        """Close the connection, after the request that may be on its way."""
        await self._exchange.close()

    async def _request(
        self, method: str, below: str, announcement: Announcement, before: float
    ) -> Answer:
        webhook = urlsplit(self._url.reveal())
        wait = "wait=true" if method == "POST" else ""
        query = "&".join(filter(None, (webhook.query, wait)))
        target = f"{webhook.path}{below}{f'?{query}' if query else ''}"
        body = msgspec.json.encode(payload_of(announcement, self._url))
        answer = await self._exchange.request(method, target, body, _HEADERS, before=before)
        said = self._url.hide(answer.body.decode("utf-8", "replace")).encode()
        return Answer(answer.status, answer.headers, said)


def payload_of(announcement: Announcement, url: WebhookUrl) -> dict[str, Any]:
    """The JSON of a message: its embeds, and no mention of anybody."""
    webhook = DiscordWebhook(
        url.reveal(),
        timeout=ANSWER_S,
        wait=True,
        rate_limit_retry=False,
        allowed_mentions={"parse": []},
        embeds=[],  # the library's default list is shared by every message
    )
    for embed in embeds_of(announcement):
        webhook.add_embed(embed)
    # The library's JSON also carries how to send it, which is no business of Discord's.
    payload = webhook.json
    return {key: payload[key] for key in ("allowed_mentions", "embeds")}
