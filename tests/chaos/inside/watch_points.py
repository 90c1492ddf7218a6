"""The named points between a watch's decision and the note that somebody has been told of it."""

import functools
from typing import Any

from conscope_app.alerting.watches.telling import Outcome, Task, TellingNote
from conscope_app.notify.notebook import Notebook
from conscope_app.notify.watch_courier import WatchCourier
from conscope_app.store.sink import PostgresLedger
from conscope_app.topics.tickets import WATCH_DECISIONS
from tests.chaos.inside.points import Original, Passage, Wrap

NOT_QUEUED = "between a watch's decision and its outbox"
NOT_POSTED = "between the outbox and the POST"
NOT_NOTED = "between the POST and the note of it"


def _before_queue_commit(move: Original, passage: Passage) -> Original:
    @functools.wraps(move)
    def wrapped(ledger: PostgresLedger[Any], cursor: Any, after: Any) -> None:
        # In a thread of the pool: the episodes and their queues are written, and not committed.
        move(ledger, cursor, after)
        _, topic, partition = ledger._key
        if topic == WATCH_DECISIONS.name:
            passage.at(NOT_QUEUED, topic=topic, partition=partition)

    return wrapped


def _before_post(tell: Original, passage: Passage) -> Original:
    @functools.wraps(tell)
    async def wrapped(courier: WatchCourier, task: Task, lease: Any) -> None:
        # That it is on its way is committed; the channel has not been asked yet.
        if task.edits is None:
            passage.at(NOT_POSTED, message=task.delivery.message)
        await tell(courier, task, lease)

    return wrapped


def _before_telling_note(write: Original, passage: Passage) -> Original:
    @functools.wraps(write)
    async def wrapped(notebook: Notebook[Any], note: Any, lease: Any) -> None:
        if _says_that_it_was_posted(note):
            passage.at(NOT_NOTED, message_id=note.message_id)
        await write(notebook, note, lease)

    return wrapped


def _says_that_it_was_posted(note: Any) -> bool:
    if not isinstance(note, TellingNote) or note.task is None:
        return False
    return note.outcome is Outcome.TOLD and note.task.edits is None


# As `points.POINTS`; where both wrap a method, one is put around the other.
POINTS: tuple[tuple[type, str, Wrap], ...] = (
    (PostgresLedger, "_move", _before_queue_commit),
    (WatchCourier, "_tell", _before_post),
    (Notebook, "write", _before_telling_note),
)
