"""One at a time changes matches, in the whole cluster."""

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

_TAKE_TURN = "SELECT pg_try_advisory_xact_lock(hashtext('event_matches'))"
_WAIT_TURN = "SELECT pg_advisory_xact_lock(hashtext('event_matches'))"


def take_turn(cursor: Cursor) -> bool:
    """Whether nobody else changes matches until the end of this transaction."""
    cursor.execute(_TAKE_TURN)
    ((is_ours,),) = cursor.fetchall()
    return bool(is_ours)


def wait_turn(cursor: Cursor) -> None:
    """Return when nobody else changes matches until the end of this transaction."""
    cursor.execute(_WAIT_TURN)
