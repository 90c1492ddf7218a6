"""From a description in the channels file to the channel. What a kind needs is imported for it."""

import base64
import binascii
import importlib.util
import ssl
import sys

from conscope_app.core.clock import Clock
from conscope_app.notify.apprise_address import AppriseAddress, BadAppriseAddress
from conscope_app.notify.channel_entries import (
    AppriseEntry,
    ConsoleEntry,
    DiscordEntry,
    EmailEntry,
    WebhookEntry,
)
from conscope_app.notify.channel_file import Described
from conscope_app.notify.channels import Channel
from conscope_app.notify.console_announcements import ConsoleChannel
from conscope_app.notify.hook_url import BadHookUrl, HookUrl
from conscope_app.notify.webhook_url import BadWebhookUrl, WebhookUrl

_SHORTEST_SECRET = 16
_IN_BASE64 = "whsec_"  # how Standard Webhooks writes a secret
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class Unusable(ValueError):
    """A channel cannot be made of its description, because of a field of it."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def open_channel(described: Described, *, clock: Clock, allow_loopback: bool) -> Channel:
    """The channel; nothing of it is opened. Raises `Unusable`."""
    match described.entry:
        case DiscordEntry():
            return _discord(described, allow_loopback=allow_loopback)
        case EmailEntry() as entry:
            return _email(described, entry, clock)
        case WebhookEntry() as entry:
            return _webhook(described, entry, clock)
        case AppriseEntry() as entry:
            return _apprise(described, entry)
        case ConsoleEntry():
            return _console(described)


def _discord(described: Described, *, allow_loopback: bool) -> Channel:
    from conscope_app.notify.discord_announcements import DiscordChannel

    try:
        url = WebhookUrl(_needed(described, "url"), allow_loopback=allow_loopback)
    except BadWebhookUrl as error:
        raise Unusable(_field(described, "url"), str(error)) from None
    return DiscordChannel(described.name, url)


def _email(described: Described, entry: EmailEntry, clock: Clock) -> Channel:
    from conscope_app.notify.email import EmailChannel, MailServer

    password = described.secrets.get("password")
    if (password is None) != (entry.user is None):
        raise Unusable("user", "a user and a password go together")
    # Neither a password nor, on its way through the internet, a message is for others to read.
    if entry.safety == "none" and (password is not None or not entry.private):
        raise Unusable(
            "safety", "without TLS only for a `private` server that asks for no password"
        )
    authorities = described.secrets.get("authorities")
    if authorities is not None:
        _must_be_certificates(authorities)
    server = MailServer(
        host=entry.host,
        port=entry.port or _PORTS[entry.safety],
        safety=entry.safety,
        user=entry.user,
        password=password,
        authorities=authorities,
        private=entry.private,
    )
    return EmailChannel(
        described.name, server, sender=entry.sender, recipient=entry.to, clock=clock
    )


def _webhook(described: Described, entry: WebhookEntry, clock: Clock) -> Channel:
    from conscope_app.notify.signed_webhook import SignedWebhook

    try:
        url = HookUrl(_needed(described, "url"), private=entry.private)
    except BadHookUrl as error:
        raise Unusable(_field(described, "url"), str(error)) from None
    return SignedWebhook(described.name, url, _secret(described), clock=clock)


def _apprise(described: Described, entry: AppriseEntry) -> Channel:
    from conscope_app.notify.apprise_channel import AppriseChannel

    if importlib.util.find_spec("apprise") is None:
        raise Unusable("kind", "Apprise is not installed: pip install 'conscope[apprise]'")
    try:
        address = AppriseAddress(_needed(described, "url"))
    except BadAppriseAddress as error:
        raise Unusable(_field(described, "url"), str(error)) from None
    return AppriseChannel(described.name, address, private=entry.private)


def _console(described: Described) -> Channel:
    return ConsoleChannel(described.name, sys.stdout)


def _secret(described: Described) -> bytes:
    """The bytes that a webhook is signed with."""
    text = _needed(described, "secret")
    secret = text.encode()
    if text.startswith(_IN_BASE64):
        try:
            secret = base64.b64decode(text.removeprefix(_IN_BASE64), validate=True)
        except (binascii.Error, ValueError):
            raise Unusable(_field(described, "secret"), "after whsec_ it must be base64") from None
    if len(secret) < _SHORTEST_SECRET:
        raise Unusable(
            _field(described, "secret"), f"it must have {_SHORTEST_SECRET} bytes at least"
        )
    return secret


def _must_be_certificates(pem: str) -> None:
    try:
        ssl.create_default_context(cadata=pem)
    except (ssl.SSLError, ValueError):
        raise Unusable("authorities_file", "it holds no certificates in PEM") from None


def _needed(described: Described, field: str) -> str:
    if field not in described.secrets:
        raise Unusable(field, f"it needs `{field}` or `{field}_file`")
    return described.secrets[field]


def _field(described: Described, field: str) -> str:
    """The field that a person wrote it in."""
    return field if getattr(described.entry, field) is not None else f"{field}_file"
