"""A stand-in for a mail server: a real SMTP server, which refuses what a test says."""

import asyncio
import ssl
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from conscope_app.notify.email import MailServer, Safety

USER = "alerts@example.com"
PASSWORD = "correct-horse-battery-staple"


class MailStandIn:
    """Takes mail from whoever signs in. `refuse` has the answer of a command that is to fail."""

    def __init__(self, certificate: tuple[str, str], safety: Safety) -> None:
        self.heard: list[EmailMessage] = []
        self.refuse: dict[str, str] = {}
        self._safety = safety
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        options: dict[str, Any] = {
            "authenticator": self._sign_in,
            "auth_required": safety == "starttls",
            "auth_require_tls": safety == "starttls",
        }
        if safety == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        self._context = context if safety == "tls" else None
        self._options = options
        self._talks: list[SMTP] = []
        self._server: asyncio.Server | None = None
        self._port = 0

    async def __aenter__(self) -> "MailStandIn":
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._talk, "127.0.0.1", 0, ssl=self._context)
        self._server, self._port = server, server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        assert self._server is not None
        await self._server.wait_closed()
        await asyncio.sleep(0)  # an aborted connection closes its socket in the loop's next turn

    def stop(self) -> None:
        """Stop listening, and end every connection. It may be said twice."""
        assert self._server is not None
        self._server.close()
        for talk in self._talks:
            if talk.transport is not None:
                cast("asyncio.WriteTransport", talk.transport).abort()

    def _talk(self) -> SMTP:
        self._talks.append(SMTP(self, hostname="stand-in", **self._options))
        return self._talks[-1]

    def server(self, trusted: str, **overrides: Any) -> MailServer:
        """How a channel reaches it."""
        signs_in = self._safety != "none"
        known: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": self._port,
            "safety": self._safety,
            "user": USER if signs_in else None,
            "password": PASSWORD if signs_in else None,
            "authorities": trusted,
            "private": True,
        }
        return MailServer(**{**known, **overrides})

    def _sign_in(
        self, server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        known = LoginPassword(USER.encode(), PASSWORD.encode())
        if "AUTH" in self.refuse:
            return AuthResult(success=False, handled=False, message=self.refuse["AUTH"])
        return AuthResult(success=data == known, handled=False)

    async def handle_MAIL(  # noqa: N802 the name by which aiosmtpd asks for it
        self,
        server: Any,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        envelope.mail_from = address
        return self.refuse.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802 the same
        self,
        server: Any,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if "RCPT" in self.refuse:
            return self.refuse["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 the same
        self, server: Any, session: Session, envelope: Envelope
    ) -> str:
        if "DATA" in self.refuse:
            return self.refuse["DATA"]
        assert isinstance(envelope.content, bytes)
        self.heard.append(message_from_bytes(envelope.content, policy=default))
        return "250 Taken"
