"""Discord: one webhook, one POST a message."""

from collections.abc import Callable, Iterator
from typing import Any

from conscope_app.alerting.digest import summarise
from conscope_app.alerting.grouping import Limits, Message
from conscope_app.alerting.waiting import WaitingAlert
from conscope_app.notify.base import Receipt
from conscope_app.notify.discord_answers import judge
from conscope_app.notify.discord_embeds import (
    LIMITS,
    NAMED_DROPS,
    Embed,
    alert_embed,
    digest_embed,
    weigh,
)
from conscope_app.notify.discord_exchange import DiscordExchange, payload_with
from conscope_app.notify.exchange import ANSWER_S, CONNECT_S
from conscope_app.notify.webhook_url import WebhookUrl


class DiscordNotifier:
    """Tells a Discord channel through its webhook.

    A POST is over `answer_s` after its first byte was sent, whatever the other side does.
    """

    channel = "discord"
    limits: Limits = LIMITS

    def __init__(
        self, url: WebhookUrl, *, connect_s: float = CONNECT_S, answer_s: float = ANSWER_S
    ) -> None:
        self._url = url
        self._exchange = DiscordExchange(url, connect_s=connect_s, answer_s=answer_s)
        self.send_s = self._exchange.send_s
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
        payload = payload_of(message, self._url, self._embed)
        self._rendered.clear()
        return judge(await self._exchange.request("POST", payload, before=before))

    async def close(self) -> None:
        """Close the connection, after the POST that may be on its way."""
        await self._exchange.close()

    def _embed(self, alert: WaitingAlert) -> Embed:
        rendered = self._rendered.get(alert.delivery_id)
        return rendered[1] if rendered and rendered[0] is alert else alert_embed(alert)


def payload_of(
    message: Message, url: WebhookUrl, embed: Callable[[WaitingAlert], Embed] = alert_embed
) -> dict[str, Any]:
    """The JSON of a message."""
    return payload_with(_embeds(message, embed), url)


def _embeds(message: Message, embed: Callable[[WaitingAlert], Embed]) -> Iterator[Embed]:
    yield from map(embed, message.shown)
    if message.is_digest:
        yield digest_embed(summarise(message.folded, name_largest=NAMED_DROPS))
