"""Dry runs in a process of their own: they keep a processor busy, and a worker has other work.

The process is asked on its standard input, since that holds the database's password, and answers
on its standard output in JSON.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import psycopg2

from conscope_app.core.clock import monotonic_s
from conscope_app.store.engine import Connection
from conscope_app.store.errors import reason_of
from conscope_app.store.url import connect_arguments
from conscope_app.store.watches.explaining import Question, explain
from conscope_app.store.watches.rehearsal import Asked, rehearse

_NICENESS = 10
_NO_DATABASE = 3

# To start, to read the first page, and to write the answer.
_BESIDES_S = 20.0

_encode = msgspec.json.Encoder(decimal_format="number").encode


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """A dry run, or a question about one: on which database, and for how long at most."""

    url: str
    asked: Asked | Question
    within_s: float


class Unanswerable(Exception):
    """There is no answer now; the message says why, in a sentence without secrets."""


async def run_apart(errand: Errand) -> bytes:
    """The JSON of what `rehearse` or `explain` found; raises `Unanswerable`.

    It has come less far than it was asked to where the time was over. Cancelling ends the process.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", __name__),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(errand.within_s + _BESIDES_S):
            answer, said = await process.communicate(_encode(errand))
    except TimeoutError:
        raise Unanswerable("it took too long: ask for fewer days or events") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == 0:
        return answer
    if process.returncode == _NO_DATABASE:
        raise Unanswerable(said.decode(errors="replace").strip())
    # Its standard error may hold what was asked: that is for nobody else's eyes.
    raise Unanswerable(f"the process of the dry run ended with {process.returncode}")


@contextmanager
def history_of(url: str) -> Iterator[Connection]:
    """A connection for a run through the history, whose statements may take as long as they do."""
    arguments = connect_arguments(url, "conscope dry run", statements=False)
    connection = psycopg2.connect(connection_factory=Connection, **arguments)
    try:
        yield connection
    finally:
        connection.close()


def main() -> int:
    """Do one errand."""
    os.nice(_NICENESS)
    errand = msgspec.json.decode(sys.stdin.buffer.read(), type=Errand)
    until = monotonic_s() + errand.within_s
    try:
        with history_of(errand.url) as connection:
            answer = _answer(connection, errand.asked, until)
    except psycopg2.Error as error:
        sys.stderr.write(reason_of(error))
        return _NO_DATABASE
    sys.stdout.buffer.write(_encode(answer))
    return 0


def _answer(connection: Connection, asked: Asked | Question, until: float) -> object:
    def is_enough() -> bool:
        return monotonic_s() >= until

    if isinstance(asked, Asked):
        return rehearse(connection, asked, is_enough=is_enough)
    return explain(connection, asked, is_enough=is_enough)


if __name__ == "__main__":
    raise SystemExit(main())
