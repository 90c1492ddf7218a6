"""A channel's queue as rows: one for each episode, one for each watch that had a message of late.

All of it is read and written while the channel is held (`store.targets.hold`).
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case
from psycopg2.extras import execute_values

from conscope_app.alerting.watches.channel_queue import ChannelQueue, Spoken
from conscope_app.alerting.watches.entries import Entry

_FORMAT = 1

_COLUMNS = "episode, entry, finished_at, attempts, refused"

# What shares a message with one of them belongs to it: a message is edited as a whole.
_OF_EPISODES = f"""
    SELECT {_COLUMNS} FROM watch_entries
    WHERE channel = %(channel)s AND episode = ANY(%(episodes)s)
    UNION
    SELECT {_COLUMNS} FROM watch_entries
    WHERE channel = %(channel)s AND finished_at IS NULL AND message IN (
        SELECT message FROM watch_entries
        WHERE channel = %(channel)s AND episode = ANY(%(episodes)s) AND finished_at IS NULL)
"""  # noqa: S608 the names are written out above
_WAITING = f"""
    SELECT {_COLUMNS} FROM watch_entries WHERE channel = %(channel)s AND waiting
    UNION
    SELECT {_COLUMNS} FROM watch_entries
    WHERE channel = %(channel)s AND finished_at IS NULL AND message IN (
        SELECT message FROM watch_entries WHERE channel = %(channel)s AND waiting)
"""  # noqa: S608 the names are written out above

_SPOKEN = """
    SELECT watch_id, day, messages FROM watch_spoken
    WHERE channel = %(channel)s AND watch_id = ANY(%(watches)s)
"""

_PUT = """
    INSERT INTO watch_entries AS known (channel, episode, entry, waiting, message)
    VALUES %s
    ON CONFLICT (channel, episode) DO UPDATE SET entry = excluded.entry,
        waiting = excluded.waiting, message = excluded.message, finished_at = NULL,
        given_up = FALSE, revision = excluded.revision
"""
_FINISH = """
    INSERT INTO watch_entries AS known (channel, episode, waiting, finished_at) VALUES %s
    ON CONFLICT (channel, episode) DO UPDATE SET entry = NULL, waiting = FALSE,
        finished_at = excluded.finished_at, revision = excluded.revision
"""
_SPEAK = """
    INSERT INTO watch_spoken (channel, watch_id, day, messages) VALUES %s
    ON CONFLICT (channel, watch_id) DO UPDATE SET day = excluded.day, messages = excluded.messages
"""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, Entry]).decode


class Read(NamedTuple):
    """A part of a queue as it was read, and what the rows say besides."""

    queue: ChannelQueue
    entries: Mapping[str, Entry]
    spoken: Mapping[str, Spoken]
    finished: Mapping[str, datetime]
    attempts: Mapping[str, int]
    suspects: frozenset[str]

    @property
    def messages(self) -> list[str]:
        """Those in which its episodes were told."""
        return sorted({each.said.message for each in self.entries.values() if each.said})


def read_waiting(cursor: Cursor, channel: str) -> Read:
    """All that waits, with what shares its messages."""
    return _read(cursor, channel, _WAITING, {})


def read_episodes(cursor: Cursor, channel: str, episodes: Collection[str]) -> Read:
    """These episodes, finished or not, with what shares their messages."""
    return _read(cursor, channel, _OF_EPISODES, {"episodes": list(episodes)})


def write_changes(cursor: Cursor, read: Read) -> None:
    """Write what has become of a queue since it was read."""
    queue = read.queue
    changed = [entry for entry in queue.entries if read.entries.get(entry.episode) is not entry]
    if changed:
        execute_values(cursor, _PUT, [_row(queue.channel, entry) for entry in changed])
    finished = [
        (queue.channel, episode, False, at)
        for episode, at in queue.finished.items()
        if read.finished.get(episode) != at
    ]
    if finished:
        execute_values(cursor, _FINISH, finished)
    spoken = [
        (queue.channel, watch_id, said.day, said.messages)
        for watch_id, said in queue.spoken.items()
        if read.spoken.get(watch_id) != said
    ]
    if spoken:
        execute_values(cursor, _SPEAK, spoken)


def _read(cursor: Cursor, channel: str, query: str, values: Mapping[str, Any]) -> Read:
    cursor.execute(query, {"channel": channel, **values})
    entries, finished, attempts, suspects = {}, {}, {}, set()
    for episode, value, finished_at, failed, refused in cursor.fetchall():
        if finished_at is not None:
            finished[episode] = finished_at
            continue
        entries[episode] = _decode(bytes(value))[1]
        attempts[episode] = failed
        if refused:
            suspects.add(episode)
    ends = dict(sorted(finished.items(), key=lambda each: each[1]))
    watches = list({entry.watch_id for entry in entries.values()})
    cursor.execute(_SPOKEN, {"channel": channel, "watches": watches})
    spoken = {watch_id: Spoken(day, messages) for watch_id, day, messages in cursor.fetchall()}
    queue = ChannelQueue.restored(channel, entries.values(), spoken, ends)
    return Read(queue, entries, spoken, ends, attempts, frozenset(suspects))


def _row(channel: str, entry: Entry) -> tuple[Any, ...]:
    message = None if entry.said is None else entry.said.message
    value = _encode((_FORMAT, entry))
    return channel, entry.episode, value, entry.is_waiting, message
