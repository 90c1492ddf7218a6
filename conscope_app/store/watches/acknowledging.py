"""What people say of what they were told: that they know, or that they want to hear it later."""

from datetime import datetime

import msgspec

from conscope_app.store.engine import Connection
from conscope_app.store.watches.channels import hold_channels
from conscope_app.store.watches.definitions import Put, get, put
from conscope_app.store.watches.entries import read_episodes, write_changes
from conscope_app.store.watches.episodes import note_acknowledged
from conscope_app.store.watches.reading import must_be_moment

_CHANNELS = "SELECT channel FROM watch_entries WHERE episode = %s ORDER BY channel"


def acknowledge(connection: Connection, episode: str) -> bool:
    """Somebody knows: nothing more is said of an episode, anywhere. Whether there is such a one.

    A message that is on its way is not called back.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHANNELS, (episode,))
        channels = [channel for (channel,) in cursor.fetchall()]
        hold_channels(connection, channels)
        for channel in channels:
            read = read_episodes(cursor, channel, [episode])
            read.queue.acknowledge(episode)
            write_changes(cursor, read)
        return note_acknowledged(cursor, episode)


def snooze(
    connection: Connection, watch_id: str, until: datetime | None, *, expected: int | None = None
) -> Put | None:
    """Nothing is said of a watch before a moment; what is still true then is told then.

    None as the moment ends it. Episodes go on: the new version means the same. Returns None where
    there is no such watch; raises `VersionMismatch` as `definitions.put` does, and `Invalid` where
    no watch may name this moment.
    """
    must_be_moment("until", until)
    stored = get(connection, watch_id)
    if stored is None:
        return None
    watch = stored.watch
    to = msgspec.structs.replace(watch.to, snoozed_until=until)
    changed = msgspec.structs.replace(watch, to=to)
    return put(connection, changed, expected=watch.version if expected is None else expected)
