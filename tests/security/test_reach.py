"""Whom an alert can be sent to: Discord, over TLS that vouches for it, and nobody else."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from conscope_app.alerting.grouping import Message
from conscope_app.core.clock import monotonic_s
from conscope_app.http.bounded_http import BoundedConnection
from conscope_app.http.public_address import PrivateAddress, must_be_public
from conscope_app.notify.base import Retryable
from conscope_app.notify.discord import DiscordNotifier
from conscope_app.notify.webhook_url import WebhookUrl
from tests.discord_stand_in import TOKEN, DiscordStandIn
from tests.notify.alerts import alerts
from tests.security.canaries import WEBHOOK, WEBHOOK_TOKEN


class Listener:
    """Takes connections on the loopback address, and keeps what it is told."""

    def __init__(self) -> None:
        self.heard = b""
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                stream, _ = self._listener.accept()
                self.connections += 1
                with stream, suppress(OSError):
                    stream.settimeout(5)
                    while said := stream.recv(65_536):
                        self.heard += said

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Somebody on this machine who would like to be told."""
    made = Listener()
    yield made
    made.close()


@pytest.fixture
def lying_dns(monkeypatch: pytest.MonkeyPatch, listener: Listener) -> None:
    """Every name resolves to the listener: what an attacker of DNS brings about."""
    resolve = socket.getaddrinfo

    def lie(_host: Any, _port: Any, *arguments: Any, **named: Any) -> Any:
        return resolve("127.0.0.1", listener.port, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", lie)


async def _deliver(url: WebhookUrl) -> str:
    """Tell an alert; the words of the error that comes of it."""
    notifier = DiscordNotifier(url, connect_s=2, answer_s=2)
    try:
        with pytest.raises(Retryable) as caught:
            await notifier.deliver(Message(alerts(1)), before=monotonic_s() + 5)
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
        return str(caught.value)
    finally:
        await notifier.close()


@pytest.mark.usefixtures("lying_dns")
async def test_a_name_that_leads_into_our_own_network_is_not_spoken_to(listener: Listener) -> None:
    """Not a byte, not even of a handshake."""
    said = await _deliver(WebhookUrl(WEBHOOK))

    assert said == "Discord did not answer: PrivateAddress"
    assert listener.connections == 1
    assert listener.heard == b""


@pytest.mark.usefixtures("lying_dns")
def test_who_cannot_show_discords_certificate_is_told_nothing(listener: Listener) -> None:
    """The handshake names the host, and ends there: no path, no token."""
    connection = BoundedConnection(WEBHOOK, connect_s=0.5, private=True)

    with pytest.raises((ssl.SSLError, TimeoutError)):
        connection.open()

    assert b"discord.com" in listener.heard
    assert WEBHOOK_TOKEN.encode() not in listener.heard


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "192.0.2.1"],
)  # fmt: skip
def test_what_is_not_public_is_private(address: str) -> None:
    """Loopback, private networks, a cloud's metadata, carriers' networks; of both families."""

    class Peer:
        def getpeername(self) -> tuple[str, int]:
            return address, 443

    with pytest.raises(PrivateAddress):
        must_be_public(Peer())  # type: ignore[arg-type]  # no such peer can be connected to here


async def test_a_redirect_is_not_followed() -> None:
    """Wherever it leads: the answer is an error like any other."""
    with DiscordStandIn() as discord:
        discord.then("elsewhere")

        said = await _deliver(WebhookUrl(discord.url, allow_loopback=True))

        assert "307" in said
        assert discord.behaviours == ["elsewhere"]
        assert discord.told == []


async def test_a_proxy_of_the_environment_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, listener: Listener, tmp_path: Path
) -> None:
    """Nor are passwords looked up in a .netrc: what is sent is what we made."""
    (tmp_path / ".netrc").write_text("default login u password canary\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{listener.port}")
    with DiscordStandIn() as discord:
        notifier = DiscordNotifier(WebhookUrl(discord.url, allow_loopback=True))
        await notifier.deliver(Message(alerts(1)), before=monotonic_s() + 5)
        await notifier.close()

        assert len(discord.told) == 1
    assert listener.connections == 0


async def test_an_answer_that_repeats_the_token_is_not_repeated() -> None:
    """It goes to the log, to the database and onto the page: without the token."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = b"\x1b[2J no such page: " + head.split(b" ")[1]
        writer.write(b"HTTP/1.1 500 Oops\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/api/webhooks/1/{TOKEN}"
        said = await _deliver(WebhookUrl(url, allow_loopback=True))

    assert "no such page: /api/webhooks/1/[token]" in said
    assert TOKEN not in said
