"""A mail server that says what a test has it say, command by command, and nothing by itself."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

POLITE = {
    "": b"220 stand-in ready\r\n",
    "EHLO": b"250 stand-in\r\n",
    "MAIL": b"250 OK\r\n",
    "RCPT": b"250 OK\r\n",
    "DATA": b"354 go on\r\n",
    ".": b"250 taken\r\n",
    "QUIT": b"221 bye\r\n",
}

HANG = b"hang"
HANG_UP = b"hang up"
TRICKLE = b"trickle"


class RawMailServer:
    """`says` has its answers by the command; "" is the greeting, "." the end of a message."""

    def __init__(self, says: Mapping[str, bytes]) -> None:
        self.commands: list[str] = []
        self.port = 0
        self._says = {**POLITE, **says}
        self._gone = asyncio.Event()
        self._talks: set[asyncio.Task[None]] = set()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until it ends."""
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            await self._converse(reader, writer)
        except ConnectionError:
            pass  # the channel has hung up
        finally:
            writer.transport.abort()
            self._talks.discard(task)

    async def stop(self) -> None:
        """End every connection."""
        self._gone.set()
        await asyncio.gather(*self._talks)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command = ""
        while await self._say(self._says[command], writer):
            end = b"\r\n.\r\n" if command == "DATA" else b"\r\n"
            try:
                said = await reader.readuntil(end)
            except asyncio.IncompleteReadError:
                return
            command = "." if command == "DATA" else said.split()[0].decode().upper()
            self.commands.append(command)

    async def _say(self, answer: bytes, writer: asyncio.StreamWriter) -> bool:
        if answer == HANG:
            await self._gone.wait()
        if answer in (HANG, HANG_UP):
            return False
        while answer == TRICKLE:
            writer.write(b"2")
            await writer.drain()
            try:
                async with asyncio.timeout(0.02):
                    await self._gone.wait()
            except TimeoutError:
                continue
            return False
        writer.write(answer)
        await writer.drain()
        return True


@asynccontextmanager
async def raw_mail_server(**says: bytes) -> AsyncIterator[RawMailServer]:
    """A server on this machine; `GREETING` and `END` stand for what has no word of its own."""
    words = {"GREETING": "", "END": "."}
    raw = RawMailServer({words.get(command, command): said for command, said in says.items()})
    server = await asyncio.start_server(raw.talk, "127.0.0.1", 0)
    raw.port = server.sockets[0].getsockname()[1]
    try:
        yield raw
    finally:
        server.close()
        await raw.stop()
        await server.wait_closed()
