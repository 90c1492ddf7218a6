"""The messages that a channel has of us: under which reference each can be edited, and the newest.

All of it is read and written while the channel is held (`store.targets.hold`).
"""

from collections.abc import Collection
from datetime import datetime

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.alerting.watches.telling import Told

_READ = """
    SELECT message, reference, gone_at IS NOT NULL FROM watch_messages
    WHERE channel = %(channel)s AND message = ANY(%(messages)s)
"""

# A message that is sent anew takes the place of the one that was deleted. A reference that is not
# said this time is not taken away: what was told twice after a kill can still be edited.
_SENT = """
    INSERT INTO watch_messages AS known (channel, message, reference, sent_at, said_at)
    VALUES (%(channel)s, %(message)s, %(reference)s, %(at)s, %(at)s)
    ON CONFLICT (channel, message) DO UPDATE SET
        reference = coalesce(excluded.reference,
            CASE WHEN known.gone_at IS NULL THEN known.reference END),
        said_at = excluded.said_at, gone_at = NULL, last_error = NULL
"""
_EDITED = """
    UPDATE watch_messages SET said_at = %(at)s, edits = edits + 1, last_error = NULL
    WHERE channel = %(channel)s AND message = %(message)s
"""
_GONE = """
    UPDATE watch_messages SET gone_at = %(at)s, last_error = %(error)s
    WHERE channel = %(channel)s AND message = %(message)s
"""
_NOT_EDITED = """
    UPDATE watch_messages SET last_error = %(error)s
    WHERE channel = %(channel)s AND message = %(message)s
"""


def read_messages(cursor: Cursor, channel: str, messages: Collection[str]) -> dict[str, Told]:
    """Those of these messages that the channel has, by our id."""
    cursor.execute(_READ, {"channel": channel, "messages": list(messages)})
    return {message: Told(reference, is_gone) for message, reference, is_gone in cursor.fetchall()}


def note_sent(
    cursor: Cursor, channel: str, message: str, reference: str | None, at: datetime
) -> None:
    """The channel has the message under this reference, if any."""
    values = {"channel": channel, "message": message, "reference": reference, "at": at}
    cursor.execute(_SENT, values)


def note_edited(cursor: Cursor, channel: str, message: str, at: datetime) -> None:
    """The message has new words."""
    cursor.execute(_EDITED, {"channel": channel, "message": message, "at": at})


def note_gone(cursor: Cursor, channel: str, message: str, error: str | None, at: datetime) -> None:
    """The channel has the message no more."""
    values = {"channel": channel, "message": message, "error": error, "at": at}
    cursor.execute(_GONE, values)


def note_not_edited(cursor: Cursor, channel: str, message: str, error: str | None) -> None:
    """The channel will never take the new words; the message says on what it said."""
    cursor.execute(_NOT_EDITED, {"channel": channel, "message": message, "error": error})
