"""Every channel, each with what it tells at its other end."""

import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec

from conscope_app.notify.apprise_address import AppriseAddress
from conscope_app.notify.apprise_channel import AppriseChannel
from conscope_app.notify.channels import Channel
from conscope_app.notify.console_announcements import ConsoleChannel
from conscope_app.notify.discord_announcements import DiscordChannel
from conscope_app.notify.email import EmailChannel
from conscope_app.notify.hook_url import HookUrl
from conscope_app.notify.signed_webhook import SignedWebhook
from conscope_app.notify.webhook_url import WebhookUrl
from tests.authority import Authority
from tests.discord_stand_in import TOKEN, DiscordStandIn
from tests.notify.channels.announcements import NOON
from tests.notify.channels.hook_stand_in import HookStandIn
from tests.notify.channels.mail_stand_in import PASSWORD, MailStandIn

SECRET = "a-secret-that-nobody-knows-of"
GOTIFY_TOKEN = "AbCdEfGhIjKlMn0"


@dataclass
class Far:
    """A channel, the texts of the messages that came to its other end, and how to break that."""

    channel: Channel
    heard: Callable[[], list[str]]
    break_it: Callable[[], None]
    secrets: tuple[str, ...] = ()


def a_webhook(hook: HookStandIn, answer_s: float = 10) -> SignedWebhook:
    """A webhook at the stand-in."""
    url = HookUrl(f"http://127.0.0.1:{hook.port}/{SECRET}?key=7", private=True)
    return SignedWebhook("hook", url, SECRET.encode(), clock=lambda: NOON, answer_s=answer_s)


def a_gotify(hook: HookStandIn, *, private: bool = True, answer_s: float = 120) -> AppriseChannel:
    """A service that Apprise knows, at the stand-in. A busy machine has time to start a process."""
    address = AppriseAddress(f"gotify://127.0.0.1:{hook.port}/{GOTIFY_TOKEN}")
    return AppriseChannel("gotify", address, private=private, answer_s=answer_s)


def an_email(mail: MailStandIn, authority: Authority, **overrides: object) -> EmailChannel:
    """Somebody's mailbox, by way of the stand-in."""
    return EmailChannel(
        "mail",
        mail.server(authority.certificate, **overrides),
        sender="ConScope <alerts@example.com>",
        recipient="Ana <ana@example.com>",
        clock=lambda: NOON,
    )


@asynccontextmanager
async def console_end() -> AsyncIterator[Far]:
    """Whoever reads our output."""
    out = io.StringIO()
    heard: list[str] = []

    def close() -> None:
        heard.append(out.getvalue())
        out.close()

    console = ConsoleChannel("console", out)
    yield Far(console, lambda: heard if out.closed else out.getvalue().split("\0"), close)


@asynccontextmanager
async def discord_end() -> AsyncIterator[Far]:
    """A stand-in for Discord; its texts without the escapes of Markdown."""
    with DiscordStandIn() as stand_in:

        def heard() -> list[str]:
            payloads = [*stand_in.messages, *(edit for _, edit in stand_in.edits)]
            return [msgspec.json.encode(each).decode().replace("\\", "") for each in payloads]

        channel = DiscordChannel("discord", WebhookUrl(stand_in.url, allow_loopback=True))
        yield Far(channel, heard, stand_in.stop, (TOKEN,))


@asynccontextmanager
async def webhook_end() -> AsyncIterator[Far]:
    """A program that takes signed POSTs."""
    with HookStandIn() as hook:
        yield Far(
            a_webhook(hook),
            lambda: [str(msgspec.json.decode(request.body)) for request in hook.heard],
            hook.stop,
            (SECRET,),
        )


@asynccontextmanager
async def apprise_end() -> AsyncIterator[Far]:
    """A stand-in for one of the services that Apprise knows."""
    with HookStandIn() as hook:

        def heard() -> list[str]:
            bodies = [msgspec.json.decode(request.body) for request in hook.heard]
            return [f"{body['title']}\n{body['message']}" for body in bodies]

        yield Far(a_gotify(hook), heard, hook.stop, (GOTIFY_TOKEN,))


@asynccontextmanager
async def email_end(mail: MailStandIn, authority: Authority) -> AsyncIterator[Far]:
    """A mail server; a message's texts are its subject, its plain text and its HTML."""

    def heard() -> list[str]:
        texts = []
        for message in mail.heard:
            parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
            texts.append("\n".join([str(message["Subject"]), *parts]))
        return texts

    yield Far(an_email(mail, authority), heard, mail.stop, (PASSWORD,))
