"""`delivery_targets`: what is known of each channel, who has leased it, and the lock of its queue.

Leases and pauses go by the database's clock, so that the clocks of the senders' machines need not
agree.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from conscope_app.alerting.budget import Spent
from conscope_app.alerting.outbox import CORRECTION, Note, Target, put_back, same_name
from conscope_app.core.clock import Clock
from conscope_app.store.engine import Connection

_ADD = "INSERT INTO delivery_targets (channel) VALUES (%(channel)s) ON CONFLICT DO NOTHING"

# It is read when we have the lock: two statements in one round trip.
_LOCK = """
    SELECT FROM delivery_targets WHERE channel = %(channel)s FOR UPDATE;
    SELECT coalesce(%(clock)s, clock_timestamp()), leased_by, leased_until, blocked_until,
        disabled_reason, sent_in_window, window_started_at
    FROM delivery_targets WHERE channel = %(channel)s
"""

_LEASE = """
    UPDATE delivery_targets
    SET leased_by = %(holder)s, leased_until = %(now)s + %(lease_s)s * interval '1 second'
    WHERE channel = %(channel)s
"""

# `leased_until` stays: it tells when the line was last written, should the clock be put back.
_RELEASE = """
    UPDATE delivery_targets SET leased_by = NULL
    WHERE channel = %(channel)s AND leased_by = %(holder)s
"""

_PUT_BACK = """
    UPDATE delivery_targets
    SET leased_until = leased_until - %(by)s, blocked_until = blocked_until - %(by)s,
        window_started_at = window_started_at - %(by)s
    WHERE channel = %(channel)s
"""

# One statement, so that a note is one round trip, and all of it or nothing. The lease grows only
# where it is still ours; what was learnt of the channel is kept in any case.
_NOTE = """
    WITH clock AS MATERIALIZED (SELECT coalesce(%(clock)s, clock_timestamp()) AS now),
    put_back AS MATERIALIZED (
        SELECT CASE WHEN %(reckoned_at)s::timestamptz - now > %(correction)s
            THEN %(reckoned_at)s::timestamptz - now ELSE interval '0' END AS by
        FROM clock
    ),
    sent AS (
        UPDATE deliveries
        SET status = 'sent', attempts = attempts + 1, sent_at = clock.now,
            message_id = %(message_id)s, last_error = NULL,
            digest = id = ANY(%(folded)s::bigint[])
        FROM clock
        WHERE id = ANY(%(sent)s::bigint[]) AND status <> 'sent'
    ),
    failed AS (
        UPDATE deliveries
        SET attempts = attempts + 1, last_error = %(error)s,
            next_attempt_at = coalesce(%(blocked_until)s::timestamptz - put_back.by, clock.now),
            status = CASE WHEN id = ANY(%(dead)s::bigint[]) THEN 'dead' ELSE status END
        FROM clock, put_back
        WHERE id = ANY(%(failed)s::bigint[]) AND status = 'waiting'
    )
    UPDATE delivery_targets
    SET blocked_until = coalesce(
            %(blocked_until)s::timestamptz - put_back.by,
            CASE WHEN %(enable)s THEN NULL ELSE blocked_until END),
        disabled_reason = coalesce(
            %(disable)s, CASE WHEN %(enable)s THEN NULL ELSE disabled_reason END),
        disabled_at = CASE
            WHEN %(disable)s IS NOT NULL THEN clock.now
            WHEN %(enable)s THEN NULL
            ELSE disabled_at END,
        invalid_answers = invalid_answers + %(invalid_answers)s,
        sent_in_window = CASE WHEN %(spends)s THEN %(places)s ELSE sent_in_window END,
        window_started_at = CASE
            WHEN %(spends)s THEN %(since)s::timestamptz - put_back.by
            ELSE window_started_at END,
        leased_until = CASE
            WHEN leased_by = %(holder)s THEN clock.now + %(lease_s)s * interval '1 second'
            ELSE leased_until END
    FROM clock, put_back
    WHERE channel = %(channel)s
    RETURNING leased_by IS NOT DISTINCT FROM %(holder)s
"""


class Held(NamedTuple):
    """A channel whose line is locked until the end of the transaction, and its lease."""

    target: Target
    leased_by: str | None
    leased_until: datetime | None

    def is_elsewhere(self, holder: str, take_over_before: datetime | None) -> bool:
        """Whether another has leased it, and the lease may not be taken over now."""
        if self.leased_by is None or same_name(self.leased_by, holder):
            return False
        now, until = self.target.now, self.leased_until
        is_over = until is not None and until <= now
        return not (is_over and take_over_before is not None and now < take_over_before)


def hold(connection: Connection, values: Mapping[str, Any]) -> Held:
    """Lock the line of `channel`, which is made where there is none.

    Whoever writes what waits for a channel and whoever looks at it hold it: "somebody else is at
    it" is true then. `lease_s` is how long the leases are that are written here.
    """
    known = _rows(connection, _LOCK, values)
    if not known:
        _execute(connection, _ADD, values)
        known = _rows(connection, _LOCK, values)
    if _was_put_back(connection, values, *known[0]):
        known = _rows(connection, _LOCK, values)
    now, leased_by, leased_until, blocked_until, disabled_reason, places, since = known[0]
    target = Target(
        now=now,
        blocked_until=blocked_until,
        disabled_reason=disabled_reason,
        spent=Spent(places, since),
    )
    return Held(target, leased_by, leased_until)


def lease(connection: Connection, values: Mapping[str, Any], now: datetime) -> None:
    """Lease a channel that is held to `holder`, for `lease_s` seconds from now."""
    _execute(connection, _LEASE, {**values, "now": now})


def release(connection: Connection, values: Mapping[str, Any]) -> None:
    """Give the lease back, if it is the holder's."""
    _execute(connection, _RELEASE, values)


def write_note(
    connection: Connection,
    channel: str,
    note: Note,
    *,
    holder: str,
    lease_s: float,
    clock: Clock | None,
) -> bool:
    """Write down what was learnt of a channel and its deliveries, and lengthen the lease.

    Whether the lease is still the holder's. It locks the channel's line.
    """
    spent = note.spent or Spent()
    values = {
        "channel": channel,
        "holder": holder,
        "lease_s": lease_s,
        "sent": list(note.sent),
        "folded": list(note.folded),
        "message_id": note.message_id,
        "failed": [*note.failed, *note.dead],
        "dead": list(note.dead),
        "error": None if note.error is None else note.error.replace("\0", ""),
        "blocked_until": note.blocked_until,
        "disable": None if note.disable is None else note.disable.replace("\0", ""),
        "enable": note.enable,
        "invalid_answers": note.invalid_answers,
        "spends": note.spent is not None,
        "places": spent.places,
        "since": spent.since,
        "reckoned_at": note.reckoned_at,
        "correction": CORRECTION,
        "clock": clock and clock(),
    }
    mine = _rows(connection, _NOTE, values)
    return bool(mine) and bool(mine[0][0])


@contextmanager
def single_statement(connection: Connection) -> Iterator[None]:
    """A statement that is a transaction by itself: one round trip, not three."""
    connection.autocommit = True
    try:
        yield
    finally:
        if not connection.closed:
            connection.autocommit = False


def _was_put_back(
    connection: Connection,
    values: Mapping[str, Any],
    now: datetime,
    _leased_by: str | None,
    leased_until: datetime | None,
    *_: Any,
) -> bool:
    """Whether the clock has gone back since the line was written; then its moments do too.

    Nobody is robbed of a lease: one that ends later than any that is written now is made to last as
    long as that.
    """
    if leased_until is None:
        return False
    by = put_back(leased_until - timedelta(seconds=values["lease_s"]), now)
    if by:
        _execute(connection, _PUT_BACK, {**values, "by": by})
    return bool(by)


def _execute(connection: Connection, statement: str, values: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _rows(connection: Connection, query: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
