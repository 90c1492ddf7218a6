"""Connections to Postgres, off the event loop.

psycopg2 blocks, so each transaction runs in a thread of a small pool; a thread takes an idle
connection or opens one. Nothing is opened before it is needed.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock, Thread
from typing import Any, TypeVar

import psycopg2
from psycopg2 import extensions

from conscope_app.core.clock import monotonic_s
from conscope_app.store.errors import is_away, is_in_the_way, reason_of
from conscope_app.store.url import STATEMENT_TIMEOUT_S, connect_arguments, where

T = TypeVar("T")

# Longer than the server itself takes to give up a statement: what is silent until then is stuck.
_ANSWER_TIMEOUT_S = STATEMENT_TIMEOUT_S + 15.0

_CLOSE_GRACE_S = 3.0

# While there is trouble. Who would ask next may be a sample a minute from now.
_ASK_AGAIN_S = 1.0


class Closed(Exception):
    """The database was closed: nothing runs on it any more."""


class Connection(extensions.connection):
    """A connection that remembers its staging tables, and when it was last asked for something."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staging: set[str] = set()
        self.asked_at = monotonic_s()

    def cursor(  # type: ignore[override]  # it passes on whatever the overloads take
        self, *args: Any, **kwargs: Any
    ) -> extensions.cursor:
        """A new cursor: whoever takes one is alive, and has the full time for an answer again."""
        self.asked_at = monotonic_s()
        cursor: extensions.cursor = super().cursor(*args, **kwargs)
        return cursor


class Database:
    """Runs transactions on at most `connections` connections, one thread each.

    `trouble` says why the last transaction could not run, in a sentence without secrets; None when
    it could. While there is trouble the server is asked each second whether it answers again:
    trouble ends when the outage does, and not with the next transaction. A server that takes a
    statement and then says nothing (stopped, not dead) is given up after `answer_timeout_s`: the
    connection is broken off, and the error is one that `is_away`.
    """

    def __init__(
        self,
        url: str,
        *,
        application_name: str = "conscope",
        connections: int = 4,
        answer_timeout_s: float = _ANSWER_TIMEOUT_S,
    ) -> None:
        self.where = where(url)
        self.trouble: str | None = None
        self._arguments = connect_arguments(url, application_name)
        self._answer_timeout_s = answer_timeout_s
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="postgres")
        self._watch: Thread | None = None
        self._lock = Lock()
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._running: set[Future[Any]] = set()
        self._asking: Future[None] | None = None
        self._closed = Event()

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction: committed when it returns, rolled back when it raises.

        Cancelling gives up the answer, not the work: a commit may still land. Errors of psycopg2
        come through as they are; `errors` says what they mean. Raises `Closed` after `close`.
        """
        if self._closed.is_set():
            raise Closed(f"{self.where} was closed")
        if self._watch is None:
            self._watch = Thread(target=self._watch_over, name="postgres-watch")
            self._watch.daemon = True
            self._watch.start()
        job = self._submit(work)
        try:
            return await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            if self._closed.is_set() and job.cancelled() and not _cancelled_from_outside():
                raise Closed(f"{self.where} was closed before it was asked") from None
            raise

    def _submit(self, work: Callable[[Connection], T]) -> Future[T]:
        job = self._threads.submit(self._transaction, work)
        self._running.add(job)
        job.add_done_callback(self._running.discard)
        return job

    async def close(self) -> None:
        """Finish what runs, or break it off after a moment; close every connection."""
        self._closed.set()
        self._threads.shutdown(wait=False, cancel_futures=True)
        if not await self._finished(_CLOSE_GRACE_S):
            self._break_off_older_than(0)
            await self._finished(_CLOSE_GRACE_S)
        self._drop_idle()

    async def _finished(self, within_s: float) -> bool:
        running = [asyncio.shield(asyncio.wrap_future(job)) for job in list(self._running)]
        if not running:
            return True
        done, pending = await asyncio.wait(running, timeout=within_s)
        for job in done:
            if not job.cancelled():
                job.exception()  # whoever asked for it is told; here it only has to be over
        return not pending

    def _transaction(self, work: Callable[[Connection], T]) -> T:
        try:
            connection = self._take()
            try:
                answer = work(connection)
                connection.commit()
            finally:
                self._give_back(connection)
        except Exception as error:
            if is_away(error) and not is_in_the_way(error):
                self.trouble = f"{self.where}: {reason_of(error)}"
                self._drop_idle()  # they were opened to the same server
            raise
        self.trouble = None
        return answer

    def _take(self) -> Connection:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = psycopg2.connect(connection_factory=Connection, **self._arguments)
        with self._lock:
            connection.asked_at = monotonic_s()
            self._busy.add(connection)
        return connection

    def _give_back(self, connection: Connection) -> None:
        try:
            if not connection.closed and connection.status != extensions.STATUS_READY:
                connection.rollback()
        except psycopg2.Error:
            connection.close()  # broken: what it was doing is undone by the server
        with self._lock:
            self._busy.remove(connection)
            keep = not (connection.closed or self._closed.is_set())
            if keep:
                self._idle.append(connection)
        if not keep:
            connection.close()

    def _drop_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _watch_over(self) -> None:
        while not self._closed.wait(min(_ASK_AGAIN_S, self._answer_timeout_s / 4)):
            self._break_off_older_than(self._answer_timeout_s)
            if self.trouble is not None and (self._asking is None or self._asking.done()):
                self._ask_again()

    def _ask_again(self) -> None:
        try:
            self._asking = self._submit(_ask)
        except RuntimeError:
            if not self._closed.is_set():
                raise  # no thread can be had

    def _break_off_older_than(self, age_s: float) -> None:
        with self._lock:  # a busy connection is not closed while we look at it
            now = monotonic_s()
            for connection in self._busy:
                if now - connection.asked_at >= age_s:
                    _break_off(connection)


def _ask(connection: Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT")


def _cancelled_from_outside() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _break_off(connection: Connection) -> None:
    """End the wait of the thread that is stuck in this connection: it sees the end of the stream.

    psycopg2 has no timeout for an answer, and closing from another thread would wait for the same.
    """
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as stream:
            stream.shutdown(socket.SHUT_RDWR)
    except (psycopg2.InterfaceError, OSError):
        pass  # it is already closed, which is what we want
