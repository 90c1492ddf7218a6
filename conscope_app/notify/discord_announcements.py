"""Discord as a channel for watches: one webhook, a POST for a message, a PATCH for new words."""

from typing import Any

from conscope_app.alerting.watches.announcement import Announcement
from conscope_app.notify.announcement_embeds import embeds_of
from conscope_app.notify.base import Receipt
from conscope_app.notify.channels import ChannelKind, MessageGone
from conscope_app.notify.discord_answers import judge, judge_edit
from conscope_app.notify.discord_exchange import DiscordExchange, payload_with
from conscope_app.notify.exchange import ANSWER_S, CONNECT_S
from conscope_app.notify.webhook_url import WebhookUrl


class DiscordChannel:
    """Tells a Discord channel through its webhook; its references are Discord's message ids."""

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
        self._exchange = DiscordExchange(url, connect_s=connect_s, answer_s=answer_s)

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
        payload = payload_of(announcement, self._url)
        return judge(await self._exchange.request("POST", payload, before=before))

    async def edit(self, reference: str, announcement: Announcement, *, before: float) -> Receipt:
        """PATCH the message once. Nobody is notified of it."""
        if not (reference.isascii() and reference.isdigit()):
            raise MessageGone("what is to be edited is no message of Discord's")
        payload, message = payload_of(announcement, self._url), f"/messages/{reference}"
        return judge_edit(
            await self._exchange.request("PATCH", payload, below=message, before=before)
        )

    async def close(self) -> None:
        """Close the connection, after the request that may be on its way."""
        await self._exchange.close()


def payload_of(announcement: Announcement, url: WebhookUrl) -> dict[str, Any]:
    """The JSON of a message."""
    return payload_with(embeds_of(announcement), url)
