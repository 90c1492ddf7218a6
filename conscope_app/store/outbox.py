"""The outbox in Postgres: `deliveries`, and one line a channel in `delivery_targets`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

import psycopg2

from conscope_app.alerting.budget import Spent
from conscope_app.alerting.outbox import (
    CORRECTION,
    Counts,
    Note,
    OutboxAway,
    Target,
    Turn,
    put_back,
    same_name,
)
from conscope_app.alerting.waiting import WaitingAlert
from conscope_app.core.clock import Clock
from conscope_app.store.engine import Connection, Database
from conscope_app.store.errors import reason_of

T = TypeVar("T")

# `clock` is the time of a test's clock; without one, the database's own counts.
_PEEK = """
    SELECT EXISTS (SELECT FROM deliveries WHERE channel = %(channel)s AND status = 'waiting')
        OR EXISTS (
            SELECT FROM delivery_targets WHERE channel = %(channel)s
            AND split_part(leased_by, '/', 1) = split_part(%(holder)s, '/', 1)),
        coalesce(%(clock)s, clock_timestamp())
"""

_ADD_TARGET = "INSERT INTO delivery_targets (channel) VALUES (%(channel)s) ON CONFLICT DO NOTHING"

# The lock makes "somebody else is at it" true: a sender whose last look found nothing gives its
# lease back in the transaction of that look. It is read when we have the lock: two statements in
# one round trip.
_LOCK_TARGET = """
    SELECT FROM delivery_targets WHERE channel = %(channel)s FOR UPDATE;
    SELECT coalesce(%(clock)s, clock_timestamp()), leased_by, leased_until, blocked_until,
        disabled_reason, sent_in_window, window_started_at
    FROM delivery_targets WHERE channel = %(channel)s
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

_LEASE_AND_READ = """
    WITH leased AS (
        UPDATE delivery_targets
        SET leased_by = %(holder)s, leased_until = %(now)s + %(lease_s)s * interval '1 second'
        WHERE channel = %(channel)s
    )
    SELECT d.id, d.attempts, a.id, a.event_id, a.event_name, a.venue, a.source, a.section,
        a."row", a.seat, a.old_price, a.new_price, a.drop_amount, a.drop_percent, a.currency,
        a.listing_url, a.alert_timestamp
    FROM deliveries d
    JOIN price_drop_alerts a USING (raw_partition, raw_offset)
    WHERE d.channel = %(channel)s AND d.status = 'waiting'
    ORDER BY d.id
    LIMIT %(at_most)s
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

_COUNTS = """
    SELECT count(*) FILTER (WHERE status = 'waiting'),
        count(*) FILTER (WHERE status = 'sent'),
        count(*) FILTER (WHERE digest),
        count(*) FILTER (WHERE status = 'dead'),
        min(created_at) FILTER (WHERE status = 'waiting')
    FROM deliveries WHERE channel = %(channel)s
"""

_TARGET_COUNTS = """
    SELECT invalid_answers, blocked_until, disabled_reason
    FROM delivery_targets WHERE channel = %(channel)s
"""


class PostgresOutbox:
    """Keeps the promises of `alerting.outbox.Outbox`, each method in one transaction.

    Leases and pauses go by the database's clock, so that the clocks of the senders' machines need
    not agree; `clock` replaces it where a test moves the time.
    """

    def __init__(self, database: Database, *, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock

    async def take(
        self,
        channel: str,
        *,
        holder: str,
        lease_s: float,
        at_most: int,
        take_over_before: datetime | None,
    ) -> Turn:
        """Lease the channel for `lease_s` seconds and read the first `at_most` waiting alerts."""
        values = {
            "channel": channel,
            "holder": holder,
            "lease_s": lease_s,
            "at_most": at_most,
            "clock": self._clock and self._clock(),
        }
        return await self._run(lambda connection: _take(connection, values, take_over_before))

    async def note(self, channel: str, note: Note, *, holder: str, lease_s: float) -> bool:
        """Write a note down and lengthen the lease; whether the lease is still ours."""
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
            "clock": self._clock and self._clock(),
        }
        return await self._run(lambda connection: _note(connection, values))

    async def release(self, channel: str, *, holder: str) -> None:
        """Give the lease back, if it is ours."""
        values = {"channel": channel, "holder": holder}
        await self._run(lambda connection: _release(connection, values))

    async def counts(self, channel: str) -> Counts:
        """How the channel's deliveries stand now."""
        return await self._run(lambda connection: _counts(connection, {"channel": channel}))

    async def _run(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.run(work)
        except psycopg2.Error as error:
            raise OutboxAway(reason_of(error)) from error


def _take(
    connection: Connection, values: dict[str, Any], take_over_before: datetime | None
) -> Turn:
    with _single_statement(connection):
        ((concerns_us, now),) = _rows(connection, _PEEK, values)
    if not concerns_us:
        return Turn(mine=False, target=Target(now=now))
    known = _rows(connection, _LOCK_TARGET, values)
    if not known:
        _execute(connection, _ADD_TARGET, values)
        known = _rows(connection, _LOCK_TARGET, values)
    if _was_put_back(connection, values, *known[0]):
        known = _rows(connection, _LOCK_TARGET, values)
    now, leased_by, leased_until, blocked_until, disabled_reason, places, since = known[0]
    target = Target(
        now=now,
        blocked_until=blocked_until,
        disabled_reason=disabled_reason,
        spent=Spent(places, since),
    )
    if leased_by is not None and not same_name(leased_by, values["holder"]):
        over = leased_until <= now and take_over_before is not None and now < take_over_before
        if not over:
            return Turn(mine=False, elsewhere=True, target=target)
    waiting = tuple(
        _alert(row) for row in _rows(connection, _LEASE_AND_READ, {**values, "now": now})
    )
    if not waiting:
        _execute(connection, _RELEASE, values)
    return Turn(mine=bool(waiting), target=target, waiting=waiting)


def _was_put_back(
    connection: Connection,
    values: dict[str, Any],
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


def _note(connection: Connection, values: dict[str, Any]) -> bool:
    with _single_statement(connection):
        mine = _rows(connection, _NOTE, values)
    return bool(mine) and mine[0][0]


def _release(connection: Connection, values: dict[str, Any]) -> None:
    with _single_statement(connection):
        _execute(connection, _RELEASE, values)


@contextmanager
def _single_statement(connection: Connection) -> Iterator[None]:
    """A statement that is a transaction by itself: one round trip, not three."""
    connection.autocommit = True
    try:
        yield
    finally:
        if not connection.closed:
            connection.autocommit = False


def _counts(connection: Connection, values: dict[str, Any]) -> Counts:
    ((waiting, sent, digested, dead, oldest_waiting_at),) = _rows(connection, _COUNTS, values)
    known = _rows(connection, _TARGET_COUNTS, values) or [(0, None, None)]
    invalid_answers, blocked_until, disabled_reason = known[0]
    return Counts(
        waiting=waiting,
        sent=sent,
        digested=digested,
        dead=dead,
        invalid_answers=invalid_answers,
        oldest_waiting_at=oldest_waiting_at,
        blocked_until=blocked_until,
        disabled_reason=disabled_reason,
    )


def _alert(row: tuple[Any, ...]) -> WaitingAlert:
    return WaitingAlert(**dict(zip(WaitingAlert.__slots__, row, strict=True)))


def _execute(connection: Connection, statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _rows(connection: Connection, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
