"""Discord: one webhook, one POST a message."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from discord_webhook import DiscordWebhook
from urllib3.exceptions import HTTPError

from conscope_app.alerting.digest import summarise
from conscope_app.alerting.grouping import Limits, Message
from conscope_app.alerting.waiting import WaitingAlert
from conscope_app.core.clock import monotonic_s
from conscope_app.notify.base import Receipt, Retryable, TooLate
from conscope_app.notify.discord_answers import Answer, judge
from conscope_app.notify.discord_embeds import (
    LIMITS,
    NAMED_DROPS,
    alert_embed,
    digest_embed,
    weigh,
)
from conscope_app.notify.webhook_url import WebhookUrl

CONNECT_S = 4.0
ANSWER_S = 10.0
_MOST_OF_A_BODY = 65_536

# Both log the path of a request, and with it the webhook's token.
_TALKATIVE = ("urllib3.connectionpool", "urllib3.util.retry")


class DiscordNotifier:
    """Tells a Discord channel through its webhook.

    `discord-webhook` builds the payload. The POST is ours: once, without following redirects and
    without the environment's proxies or .netrc, in a thread of its own, since requests blocks.
    """

    channel = "discord"
    limits: Limits = LIMITS

    def __init__(
        self, url: WebhookUrl, *, connect_s: float = CONNECT_S, answer_s: float = ANSWER_S
    ) -> None:
        self.send_s = connect_s + answer_s
        self._url = url
        self._timeout = (connect_s, answer_s)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="discord")
        self._session = requests.Session()
        self._session.trust_env = False
        self._log_filter = _HideToken(url)
        for name in _TALKATIVE:
            logging.getLogger(name).addFilter(self._log_filter)

    def __repr__(self) -> str:
        return f"DiscordNotifier({self._url!r})"

    @property
    def fingerprint(self) -> str:
        """Tells this webhook from another one."""
        return self._url.fingerprint

    def weigh(self, alert: WaitingAlert) -> int:
        """The characters of the alert's embed that Discord counts."""
        return weigh(alert_embed(alert))

    async def deliver(self, message: Message, *, before: float) -> Receipt:
        """POST the message once, unless the monotonic clock has passed `before`."""
        loop = asyncio.get_running_loop()
        payload = payload_of(message, self._url)
        answer = await loop.run_in_executor(self._thread, self._post, payload, before)
        if isinstance(answer, str):
            # Raised here, far from the error of requests, whose text holds the whole address.
            raise Retryable(f"Discord did not answer: {answer}")
        return judge(answer)

    async def close(self) -> None:
        """Close the connection and the thread, after the POST that may be on its way."""
        await asyncio.to_thread(self._thread.shutdown)
        self._session.close()
        for name in _TALKATIVE:
            logging.getLogger(name).removeFilter(self._log_filter)

    def _post(self, payload: dict[str, Any], before: float) -> Answer | str:
        """Discord's answer, or why there is none."""
        if monotonic_s() >= before:
            raise TooLate("the lease had run out before the message was sent")
        try:
            with self._session.post(
                self._url.reveal(),
                params={"wait": "true"},
                json=payload,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                body = self._url.hide(_read(response).decode("utf-8", "replace")).encode()
                return Answer(response.status_code, headers, body)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            return type(error).__name__


def payload_of(message: Message, url: WebhookUrl) -> dict[str, Any]:
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
        webhook.add_embed(alert_embed(alert))
    if message.is_digest:
        webhook.add_embed(digest_embed(summarise(message.folded, name_largest=NAMED_DROPS)))
    # The library's JSON also carries how to send it, which is no business of Discord's.
    payload = webhook.json
    return {key: payload[key] for key in ("allowed_mentions", "embeds")}


def _read(response: requests.Response) -> bytes:
    """The beginning of the body; what arrived of it, where it breaks off.

    The status alone says whether the message was taken, and a body that breaks off must not have
    it sent again.
    """
    body = bytearray()
    try:
        for chunk in response.iter_content(8_192):
            body += chunk
            if len(body) >= _MOST_OF_A_BODY:
                break
    except (requests.RequestException, HTTPError, OSError):
        return bytes(body)
    return bytes(body)


class _HideToken(logging.Filter):
    """Takes the webhook's token out of what a library logs."""

    def __init__(self, url: WebhookUrl) -> None:
        super().__init__()
        self._url = url

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._url.hide(record.getMessage()), ()
        return True
