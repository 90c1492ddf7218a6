"""A webhook of anybody's: one signed POST a message, as https://www.standardwebhooks.com describes.

    webhook-id          the id of what is said; the same when the same is told again
    webhook-timestamp   seconds since 1970 of this attempt
    webhook-signature   v1, and base64 of HMAC-SHA256 of "<id>.<timestamp>.<body>" by the secret

Whoever receives it checks the signature over the bytes as they came, refuses timestamps that are
more than some minutes old, and knows a repetition by its id. The body is JSON: `format` (1),
`channel`, and the fields of `Announcement`; prices are texts, so that no digit is lost.
"""

import base64
import hashlib
import hmac
from functools import cached_property
from typing import Any

import msgspec

from conscope_app.alerting.watches.announcement import Announcement
from conscope_app.core.clock import EPOCH, Clock
from conscope_app.notify.base import Receipt
from conscope_app.notify.channels import ChannelKind
from conscope_app.notify.exchange import ANSWER_S, CONNECT_S, Exchange
from conscope_app.notify.fingerprint import fingerprint_of
from conscope_app.notify.hook_answers import judge
from conscope_app.notify.hook_url import HookUrl

BODY_FORMAT = 1


class SignedWebhook:
    """Tells a program. It is told of new words too, under the id of the message that they change.

    Any status of success is a receipt; its references are the messages' own ids.
    """

    kind: ChannelKind = "webhook"
    can_edit = True

    def __init__(
        self,
        name: str,
        url: HookUrl,
        secret: bytes,
        *,
        clock: Clock,
        connect_s: float = CONNECT_S,
        answer_s: float = ANSWER_S,
    ) -> None:
        self.name = name
        self._url = url
        self._secret = secret
        self._clock = clock
        self._exchange = Exchange(
            "the webhook",
            url.reveal(),
            connect_s=connect_s,
            answer_s=answer_s,
            private=url.private,
        )

    def __repr__(self) -> str:
        return f"SignedWebhook({self.name!r})"

    @cached_property
    def fingerprint(self) -> str:
        """Tells this address and secret from another one."""
        return fingerprint_of(self._url.reveal(), self._secret.hex())

    @property
    def send_s(self) -> float:
        """How long a request can take once it has begun."""
        return self._exchange.send_s

    async def send(self, announcement: Announcement, *, before: float) -> Receipt:
        """POST the message once."""
        return await self._post(announcement, before)

    async def edit(self, reference: str, announcement: Announcement, *, before: float) -> Receipt:
        """POST what the message says now; its `kind` says that it is no new one."""
        return await self._post(announcement, before)

    async def close(self) -> None:
        """Close the connection, after the request that may be on its way."""
        await self._exchange.close()

    async def _post(self, announcement: Announcement, before: float) -> Receipt:
        body = body_of(self.name, announcement)
        timestamp = int((self._clock() - EPOCH).total_seconds())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "ConScope",
            "webhook-id": announcement.words,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self._secret, announcement.words, timestamp, body),
        }
        target = self._url.target
        answer = await self._exchange.request("POST", target, body, headers, before=before)
        judge(answer.status, answer.headers, self._url.hide(answer.body.decode("utf-8", "replace")))
        return Receipt(announcement.message)


def body_of(channel: str, announcement: Announcement) -> bytes:
    """The same bytes for the same announcement."""
    fields: dict[str, Any] = msgspec.structs.asdict(announcement)
    return msgspec.json.encode({"format": BODY_FORMAT, "channel": channel, **fields})


def signature(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """What the header holds."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
