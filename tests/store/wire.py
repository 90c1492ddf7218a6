"""A real wire between psycopg2 and Postgres that can be cut at a chosen moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from conscope_app.store.url import parse_url


@dataclass
class Held:
    """A statement that waits on the wire until it is released."""

    statement: bytes
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)


class Wire:
    """Forwards bytes. It can hold a statement, lose the answer to one, or be dead altogether."""

    def __init__(self, url: str) -> None:
        self._target = parse_url(url)
        self._held: Held | None = None
        self._lose_answer_to: bytes | None = None
        self._muted: asyncio.StreamWriter | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The database's url through this wire."""
        return self._target.set(host="127.0.0.1", port=self.port).render_as_string(False)

    def hold(self, statement: bytes) -> Held:
        """Keep the next request that holds these bytes until it is released."""
        self._held = Held(statement)
        return self._held

    def lose_answer_to(self, statement: bytes) -> None:
        """Let the next such request through, wait for its answer, and cut the connection."""
        self._lose_answer_to = statement

    async def restore(self) -> None:
        """Take connections (again), at the same address."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """End all connections and take no new ones."""
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        server, requests = await asyncio.open_connection(self._target.host, self._target.port)
        self._writers |= {answers, requests}
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._forward_requests(client, requests, answers))
                both.create_task(self._forward_answers(server, answers))
        except* (ConnectionError, asyncio.IncompleteReadError):
            pass  # one side has gone; the other goes with it
        finally:
            self._writers -= {answers, requests}
            for writer in (answers, requests):
                writer.transport.abort()

    async def _forward_requests(
        self,
        client: asyncio.StreamReader,
        requests: asyncio.StreamWriter,
        answers: asyncio.StreamWriter,
    ) -> None:
        while data := await client.read(65536):
            if self._held is not None and self._held.statement in data:
                held, self._held = self._held, None
                held.reached.set()
                await held.release.wait()
            if self._lose_answer_to is not None and self._lose_answer_to in data:
                self._lose_answer_to = None
                self._muted = answers
            requests.write(data)
            await requests.drain()
        raise ConnectionResetError

    async def _forward_answers(
        self, server: asyncio.StreamReader, answers: asyncio.StreamWriter
    ) -> None:
        while data := await server.read(65536):
            if self._muted is answers:
                raise ConnectionResetError
            answers.write(data)
            await answers.drain()
        raise ConnectionResetError


@asynccontextmanager
async def a_wire(url: str) -> AsyncIterator[Wire]:
    """A wire that works until it is told otherwise."""
    wire = Wire(url)
    await wire.restore()
    try:
        yield wire
    finally:
        await wire.cut()
