"""Those who watch: they write into Postgres, before the stream and while it runs."""

import asyncio
import threading
from collections.abc import Sequence
from random import Random

import psycopg2

from conscope_app.core.clock import utc_now
from conscope_app.store.engine import Connection, Database
from conscope_app.store.errors import is_away
from conscope_app.store.watches.definitions import put
from conscope_app.store.watches.silences import put_silence
from tests.broker.pipeline import Pipeline, eventually
from tests.chaos.watches import wishes
from tests.chaos.watches.wishes import Step

PAUSE_S = (1.0, 6.0)
PUBLISHED_WITHIN_S = 90.0  # who publishes may have died, and its lease has to run out
_RETRY_S = 0.5

_UNPUBLISHED = "published_version IS DISTINCT FROM version"


class People:
    """Make watches with `begin`, change them from `go_on` on, and end all waiting with `finish`.

    `watched_since` is since when the event is surely watched that nobody watched at first.
    """

    def __init__(self, pipeline: Pipeline, dice: Random) -> None:
        self.watched_since: float | None = None
        self.trouble: list[str] = []
        self._pipeline = pipeline
        self._dice = dice
        self._hurry = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._change, name="people", daemon=True)
        self._at_start = wishes.at_start(utc_now())

    def begin(self) -> None:
        """Write the watches that are there at the start; they are published when this returns."""

        def all_of_them(connection: Connection) -> None:
            put_silence(connection, wishes.silence(utc_now()))
            for watch in self._at_start:
                put(connection, watch)

        self._do(Step("", all_of_them))
        self._until_published("true")

    def go_on(self) -> None:
        """Change this and that from now on."""
        self._thread.start()

    def finish(self) -> None:
        """Do at once what is still to be done, and have told what would wait for too long."""
        self._hurry.set()
        if self._thread.is_alive():
            self._thread.join()
        for step in wishes.at_end(self._at_start):
            self._do(step)
        self._until_published("true")

    def stop(self) -> None:
        """Do nothing more. It may be said before `go_on`, and twice."""
        self._over.set()
        self._hurry.set()
        if self._thread.is_alive():
            self._thread.join()

    def _change(self) -> None:
        try:
            self._change_all(wishes.meanwhile())
        except Exception as error:  # noqa: BLE001 the row says it: a thread has nobody to tell
            self.trouble.append(f"watches could not be changed: {type(error).__name__}: {error}")

    def _change_all(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self._hurry.wait(self._dice.uniform(*PAUSE_S))
            if self._over.is_set():
                return
            self._do(step)
            if step.watch_id == wishes.LATE:
                self._until_published(f"id = '{step.watch_id}'")
                self.watched_since = utc_now().timestamp()

    def _do(self, step: Step) -> None:
        """Until Postgres has taken it; a step that it took before the answer was lost is one."""
        while not self._over.is_set():
            try:
                asyncio.run(_run(self._pipeline.database_url, step))
            except psycopg2.Error as error:
                if not is_away(error):
                    raise
                self._over.wait(_RETRY_S)
            else:
                return

    def _until_published(self, which: str) -> None:
        def published() -> bool:
            if self._over.is_set():
                return True
            try:
                return self._pipeline.count("watches", f"{which} AND {_UNPUBLISHED}") == 0
            except psycopg2.Error as error:
                if not is_away(error):
                    raise
                return False

        eventually(published, within_s=PUBLISHED_WITHIN_S, what="watches published")


async def _run(url: str, step: Step) -> None:
    database = Database(url, connections=1)
    try:
        await database.run(step.apply)
    finally:
        await database.close()
