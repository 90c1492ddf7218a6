"""The outbox in Postgres: `deliveries`, and one line a channel in `delivery_targets`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import psycopg2

from conscope_app.alerting.budget import Spent
from conscope_app.alerting.outbox import Counts, Note, OutboxAway, Target, Turn
from conscope_app.alerting.waiting import WaitingAlert
from conscope_app.core.clock import Clock
from conscope_app.store.engine import Connection, Database
from conscope_app.store.errors import reason_of

T = TypeVar("T")

_PEEK = """
    SELECT EXISTS (SELECT FROM deliveries WHERE channel = %(channel)s AND status = 'waiting')
        OR EXISTS (
            SELECT FROM delivery_targets WHERE channel = %(channel)s AND leased_by = %(holder)s)
"""

_ADD_TARGET = "INSERT INTO delivery_targets (channel) VALUES (%(channel)s) ON CONFLICT DO NOTHING"

# The lock makes "somebody else is at it" true: a sender whose last look found nothing gives its
# lease back in the transaction of that look.
_LOCK_TARGET = """
    SELECT leased_by, leased_until, blocked_until, disabled_reason, sent_in_window,
        window_started_at
    FROM delivery_targets WHERE channel = %(channel)s FOR UPDATE
"""

_LEASE = """
    UPDATE delivery_targets
    SET leased_by = %(holder)s, leased_until = %(now)s + %(lease_s)s * interval '1 second'
    WHERE channel = %(channel)s
"""

_RELEASE = """
    UPDATE delivery_targets SET leased_by = NULL, leased_until = NULL
    WHERE channel = %(channel)s AND leased_by = %(holder)s
"""

_WAITING = """
    SELECT d.id, d.attempts, a.id, a.event_id, a.event_name, a.venue, a.source, a.section,
        a."row", a.seat, a.old_price, a.new_price, a.drop_amount, a.drop_percent, a.currency,
        a.listing_url, a.alert_timestamp
    FROM deliveries d
    JOIN price_drop_alerts a USING (raw_partition, raw_offset)
    WHERE d.channel = %(channel)s AND d.status = 'waiting'
    ORDER BY d.id
    LIMIT %(at_most)s
"""

_SENT = """
    UPDATE deliveries
    SET status = 'sent', attempts = attempts + 1, sent_at = %(now)s, message_id = %(message_id)s,
        last_error = NULL, digest = id = ANY(%(folded)s::bigint[])
    WHERE id = ANY(%(sent)s::bigint[]) AND status <> 'sent'
"""

_FAILED = """
    UPDATE deliveries
    SET attempts = attempts + 1, last_error = %(error)s,
        next_attempt_at = coalesce(%(blocked_until)s, %(now)s),
        status = CASE WHEN id = ANY(%(dead)s::bigint[]) THEN 'dead' ELSE status END
    WHERE id = ANY(%(failed)s::bigint[]) AND status = 'waiting'
"""

# The lease grows only where it is still ours; what was learnt of the channel is kept in any case.
_LEARNT = """
    UPDATE delivery_targets
    SET blocked_until = coalesce(
            %(blocked_until)s, CASE WHEN %(enable)s THEN NULL ELSE blocked_until END),
        disabled_reason = coalesce(
            %(disable)s, CASE WHEN %(enable)s THEN NULL ELSE disabled_reason END),
        disabled_at = CASE
            WHEN %(disable)s IS NOT NULL THEN %(now)s
            WHEN %(enable)s THEN NULL
            ELSE disabled_at END,
        invalid_answers = invalid_answers + %(invalid_answers)s,
        sent_in_window = CASE WHEN %(spends)s THEN %(places)s ELSE sent_in_window END,
        window_started_at = CASE WHEN %(spends)s THEN %(since)s ELSE window_started_at END,
        leased_until = CASE
            WHEN leased_by = %(holder)s THEN %(now)s + %(lease_s)s * interval '1 second'
            ELSE leased_until END
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

    async def take(self, channel: str, *, holder: str, lease_s: float, at_most: int) -> Turn:
        """Lease the channel for `lease_s` seconds and read the first `at_most` waiting alerts."""
        values = {"channel": channel, "holder": holder, "lease_s": lease_s, "at_most": at_most}
        return await self._run(lambda connection: self._take(connection, values))

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
        }
        return await self._run(lambda connection: self._note(connection, values))

    async def release(self, channel: str, *, holder: str) -> None:
        """Give the lease back, if it is ours."""
        values = {"channel": channel, "holder": holder}
        await self._run(lambda connection: _execute(connection, _RELEASE, values))

    async def counts(self, channel: str) -> Counts:
        """How the channel's deliveries stand now."""
        return await self._run(lambda connection: _counts(connection, {"channel": channel}))

    async def _run(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.run(work)
        except psycopg2.Error as error:
            raise OutboxAway(reason_of(error)) from error

    def _now(self, connection: Connection) -> datetime:
        if self._clock is not None:
            return self._clock()
        (row,) = _rows(connection, "SELECT clock_timestamp()", {})
        now: datetime = row[0]
        return now

    def _take(self, connection: Connection, values: dict[str, Any]) -> Turn:
        ((concerns_us,),) = _rows(connection, _PEEK, values)
        if not concerns_us:
            return Turn(mine=False, target=Target(now=self._now(connection)))
        target_row = _rows(connection, _LOCK_TARGET, values)
        if not target_row:
            _execute(connection, _ADD_TARGET, values)
            target_row = _rows(connection, _LOCK_TARGET, values)
        leased_by, leased_until, blocked_until, disabled_reason, places, since = target_row[0]
        now = self._now(connection)
        target = Target(
            now=now,
            blocked_until=blocked_until,
            disabled_reason=disabled_reason,
            spent=Spent(places, since),
        )
        if leased_by not in (None, values["holder"]) and leased_until > now:
            return Turn(mine=False, elsewhere=True, target=target)
        waiting = tuple(_alert(row) for row in _rows(connection, _WAITING, values))
        if not waiting:
            _execute(connection, _RELEASE, values)
            return Turn(mine=False, target=target)
        _execute(connection, _LEASE, {**values, "now": now})
        return Turn(mine=True, target=target, waiting=waiting)

    def _note(self, connection: Connection, values: dict[str, Any]) -> bool:
        values = {**values, "now": self._now(connection)}
        if values["sent"]:
            _execute(connection, _SENT, values)
        if values["failed"]:
            _execute(connection, _FAILED, values)
        mine = _rows(connection, _LEARNT, values)
        return bool(mine) and mine[0][0]


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
