"""What stands in the channels file under a channel's name, one kind each."""

import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from conscope_app.notify.channels import ChannelKind

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

_LINE = r"^[^\x00-\x1f\x7f]+$"
_HOST = r"^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$"
_ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_MAILBOX = rf"^(?:{_ADDRESS}|[^<>@,;:\"\\\x00-\x1f\x7f]* <{_ADDRESS}>)$"

Path = Annotated[str, Meta(min_length=1)]
Host = Annotated[str, Meta(pattern=_HOST, max_length=253)]
Port = Annotated[int, Meta(ge=1, le=65_535)]
User = Annotated[str, Meta(pattern=_LINE, max_length=320)]
Mailbox = Annotated[str, Meta(pattern=_MAILBOX, max_length=320)]


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whatever is a secret stands in a file of its own, or here: `url_file` or `url`."""


class DiscordEntry(_Entry, frozen=True, kw_only=True, tag_field="kind", tag="discord"):
    """A Discord webhook."""

    url: str | None = None
    url_file: Path | None = None


class EmailEntry(_Entry, frozen=True, kw_only=True, tag_field="kind", tag="email"):
    """One person's mailbox, by way of a mail server that takes mail from us.

    `private` allows the server to be on our own network. Mail goes over TLS: `starttls` begins
    without it (port 587), `tls` with it (465). `none` is for a relay on our own network, which then
    must ask for no password.
    """

    to: Mailbox
    sender: Mailbox = msgspec.field(name="from")
    host: Host
    port: Port | None = None
    safety: Literal["starttls", "tls", "none"] = "starttls"
    user: User | None = None
    password: str | None = None
    password_file: Path | None = None
    authorities_file: Path | None = None
    private: bool = False


class WebhookEntry(_Entry, frozen=True, kw_only=True, tag_field="kind", tag="webhook"):
    """A program that takes POSTs, and the secret that they are signed with."""

    url: str | None = None
    url_file: Path | None = None
    secret: str | None = None
    secret_file: Path | None = None
    private: bool = False


class ConsoleEntry(_Entry, frozen=True, kw_only=True, tag_field="kind", tag="console"):
    """The worker's own output."""


class AppriseEntry(_Entry, frozen=True, kw_only=True, tag_field="kind", tag="apprise"):
    """A service that Apprise knows, at its address as Apprise writes it."""

    url: str | None = None
    url_file: Path | None = None
    private: bool = False


Entry = DiscordEntry | EmailEntry | WebhookEntry | ConsoleEntry | AppriseEntry

KINDS: dict[ChannelKind, type[Entry]] = {
    "discord": DiscordEntry,
    "email": EmailEntry,
    "webhook": WebhookEntry,
    "console": ConsoleEntry,
    "apprise": AppriseEntry,
}
SECRETS = ("url", "secret", "password")
