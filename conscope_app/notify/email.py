"""E-mail: one message to one person, by way of a mail server that takes it from us."""

import asyncio
import socket
import ssl
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import cached_property
from typing import Literal, cast

from aiosmtplib import SMTP, SMTPException
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from conscope_app.alerting.watches.announcement import Announcement
from conscope_app.core.clock import Clock, monotonic_s
from conscope_app.notify.base import Receipt, Rejected, TooLate
from conscope_app.notify.channels import ChannelKind
from conscope_app.notify.email_message import email_of
from conscope_app.notify.fingerprint import fingerprint_of
from conscope_app.notify.mail_socket import connected
from conscope_app.notify.smtp_answers import Phase, judge

CONNECT_S = 15.0

# A server may look at a message before it answers. One that it takes after we hung up is told
# again, so this is longer than elsewhere (https://www.rfc-editor.org/rfc/rfc1047).
ANSWER_S = 25.0

_QUIT_S = 1.0

Safety = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Who takes our mail, and how it is spoken to. `private`: it may be on our own network."""

    host: str
    port: int
    safety: Safety
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    authorities: str | None = field(default=None, repr=False)  # PEM text; else the usual ones
    private: bool = False


class EmailChannel:
    """Tells one person by e-mail. What is over is a reply to the message that it ends.

    Each message has a connection of its own. Everything until the message itself is sent has to be
    done within `connect_s`, the rest within `answer_s`, whatever the other side does.
    """

    kind: ChannelKind = "email"
    can_edit = False

    def __init__(
        self,
        name: str,
        server: MailServer,
        *,
        sender: str,
        recipient: str,
        clock: Clock,
        connect_s: float = CONNECT_S,
        answer_s: float = ANSWER_S,
    ) -> None:
        self.name = name
        self.send_s = answer_s
        self._server = server
        self._sender, self._recipient = sender, recipient
        self._sender_address, self._address = parseaddr(sender)[1], parseaddr(recipient)[1]
        self._domain = self._sender_address.rpartition("@")[2]
        self._clock = clock
        self._connect_s = connect_s

    def __repr__(self) -> str:
        return f"EmailChannel({self.name!r})"

    @cached_property
    def fingerprint(self) -> str:
        """Tells this person, by this server and user, from another one."""
        server = self._server
        return fingerprint_of(
            server.host,
            str(server.port),
            server.user or "",
            server.password or "",
            self._sender_address,
            self._address,
        )

    async def send(self, announcement: Announcement, *, before: float) -> Receipt:
        """Hand the message to the server once; the receipt has its Message-ID."""
        email = email_of(
            announcement,
            sender=self._sender,
            recipient=self._recipient,
            domain=self._domain,
            at=self._clock(),
        )
        await self._hand_over(email.as_bytes(), before)
        return Receipt(email["Message-ID"])

    async def edit(self, reference: str, announcement: Announcement, *, before: float) -> Receipt:
        """No mail can be edited."""
        raise Rejected("an e-mail cannot be edited")

    async def close(self) -> None:
        """Nothing is held between messages."""

    async def _hand_over(self, message: bytes, before: float) -> None:
        conversation = _Conversation(self._server, self._domain)
        try:
            async with asyncio.timeout(self._connect_s):
                await conversation.begin(self._sender_address, self._address)
            # Only now, as names, handshakes and greetings may take as long as they like.
            if monotonic_s() >= before:
                raise TooLate("the lease had run out before the message was sent")
            async with asyncio.timeout(self.send_s):
                await conversation.tell(message)
            await conversation.end()
        except (SMTPException, OSError, ValueError) as error:
            problem = judge(conversation.phase, error, self._server.password)
        else:
            return
        finally:
            conversation.hang_up()
        # Raised here, far from the error it comes from, which may repeat what it was given.
        raise problem


class _Conversation:
    """One SMTP session, and which phase of it we are in."""

    def __init__(self, server: MailServer, domain: str) -> None:
        self.phase = Phase.CONNECT
        self._server = server
        self._domain = domain
        self._smtp = SMTP()
        self._stream: socket.socket | None = None

    async def begin(self, sender: str, recipient: str) -> None:
        """Everything until the server says that it would take the message."""
        server = self._server
        tls = None if server.safety == "none" else await asyncio.to_thread(_tls, server)
        self._stream = await connected(server.host, server.port, private=server.private)
        self._smtp = SMTP(
            hostname=server.host,
            sock=self._stream,
            local_hostname=self._domain,
            use_tls=server.safety == "tls",
            start_tls=server.safety == "starttls",
            tls_context=tls,
            timeout=None,  # the whole of it has an end of its own
        )
        await self._smtp.connect()
        if self._smtp.is_ehlo_or_helo_needed:
            await self._smtp.ehlo()
        if server.user is not None:
            self.phase = Phase.SIGN_IN
            await self._smtp.login(server.user, server.password or "")
        self.phase = Phase.SENDER
        await self._smtp.mail(sender)
        self.phase = Phase.RECIPIENT
        await self._smtp.rcpt(recipient)

    async def tell(self, message: bytes) -> None:
        """The message itself."""
        self.phase = Phase.MESSAGE
        await self._smtp.data(message)

    async def end(self) -> None:
        """Take leave. The message was taken: nothing that happens here changes that."""
        try:
            async with asyncio.timeout(_QUIT_S):
                await self._smtp.quit()
        except (SMTPException, OSError, ValueError):
            pass  # the connection is let go of anyway

    def hang_up(self) -> None:
        """Let go of the connection at once, whatever waits to be sent."""
        if self._smtp.transport is not None:
            cast("asyncio.WriteTransport", self._smtp.transport).abort()
        self._smtp.close()
        if self._stream is not None:
            try:
                # The library lets TLS take its leave for half a minute; there is nobody to wait.
                self._stream.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended


def _tls(server: MailServer) -> ssl.SSLContext:
    if server.authorities is not None:
        return ssl.create_default_context(cadata=server.authorities)
    # The authorities that requests trusts: a slim image has none of its own.
    return ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
