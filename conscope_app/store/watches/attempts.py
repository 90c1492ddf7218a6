"""What came of telling a message, written into the queue of its channel."""

from datetime import datetime

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.alerting.watches.channel_queue import ChannelQueue, WatchOf
from conscope_app.alerting.watches.telling import Outcome, Task, TellingNote
from conscope_app.store.engine import Connection
from conscope_app.store.watches.definitions import last_definitions
from conscope_app.store.watches.entries import Read, read_episodes, write_changes
from conscope_app.store.watches.messages import (
    note_edited,
    note_gone,
    note_not_edited,
    note_sent,
)

_TOLD = """
    UPDATE watch_entries SET attempts = 0, last_error = NULL, refused = FALSE
    WHERE channel = %(channel)s AND episode = ANY(%(episodes)s)
"""
_FAILED = """
    UPDATE watch_entries SET attempts = attempts + 1, last_error = %(error)s,
        refused = refused OR %(refused)s
    WHERE channel = %(channel)s AND episode = ANY(%(episodes)s)
"""
_GIVE_UP = """
    UPDATE watch_entries SET entry = NULL, waiting = FALSE, given_up = TRUE, finished_at = %(at)s,
        attempts = attempts + 1, last_error = %(error)s,
        revision = DEFAULT
    WHERE channel = %(channel)s AND episode = ANY(%(episodes)s) AND finished_at IS NULL
"""


def note_attempt(
    connection: Connection,
    cursor: Cursor,
    channel: str,
    note: TellingNote,
    task: Task,
    *,
    at: datetime,
    is_ours: bool,
) -> None:
    """Change the queue by what came of a message; the channel is held. See `WatchOutbox.note`.

    New words that the channel will never take are taken as said: the message says on what it says.
    An episode that it refuses to be told of alone is given up.
    """
    delivery = task.delivery
    read = read_episodes(cursor, channel, delivery.episodes)
    watches = last_definitions(connection, {each.watch_id for each in read.entries.values()})
    error = None if note.error is None else note.error.replace("\0", "")
    values = {"channel": channel, "episodes": list(delivery.episodes), "error": error, "at": at}
    match note.outcome:
        case Outcome.TOLD:
            if not _is_noted(read, task):
                read.queue.sent(delivery, watches.get, at)
                write_changes(cursor, read)
            if task.edits is not None:
                note_edited(cursor, channel, delivery.message, at)
            else:
                reference = note.message_id and note.message_id.replace("\0", "")
                note_sent(cursor, channel, delivery.message, reference, at)
            cursor.execute(_TOLD, values)
            return
        case Outcome.REFUSED if not delivery.is_new:
            read.queue.sent(delivery, watches.get, at)
            write_changes(cursor, read)
            note_not_edited(cursor, channel, delivery.message, error)
            cursor.execute(_TOLD, values)
            return
        case Outcome.REFUSED if len(delivery.tells) == 1:
            cursor.execute(_GIVE_UP, values)
            return
        case Outcome.GONE:
            note_gone(cursor, channel, delivery.message, error, at)
    if note.outcome is not Outcome.UNCERTAIN and is_ours:
        _not_sent(read.queue, task, watches.get, at)
        write_changes(cursor, read)
    refused = note.outcome is Outcome.REFUSED
    if error is not None:
        cursor.execute(_FAILED, {**values, "refused": refused})


def _is_noted(read: Read, task: Task) -> bool:
    """Whether this note was written before, and only the answer to it was lost."""
    message = task.delivery.message
    return all(
        entry.said is not None
        and (entry.said.message, entry.said.price, entry.said.over)
        == (message, tells.price, tells.over)
        for tells in task.delivery.tells
        if (entry := read.entries.get(tells.episode)) is not None
    )


def _not_sent(queue: ChannelQueue, task: Task, watch_of: WatchOf, at: datetime) -> None:
    """Nobody can have read it, but for those of which an earlier try may have told."""
    tells = tuple(each for each in task.delivery.tells if each.episode in task.new_on_way)
    queue.not_sent(msgspec.structs.replace(task.delivery, tells=tells), watch_of, at)
