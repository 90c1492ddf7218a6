"""The outbox in Postgres: `deliveries`, and one line a channel in `delivery_targets`."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import psycopg2

from conscope_app.alerting.outbox import Counts, Note, OutboxAway, Target, Turn
from conscope_app.alerting.waiting import WaitingAlert
from conscope_app.core.clock import Clock
from conscope_app.store import targets
from conscope_app.store.engine import Connection, Database
from conscope_app.store.errors import reason_of
from conscope_app.store.targets import single_statement, write_note

T = TypeVar("T")

# `clock` is the time of a test's clock; without one, the database's own counts.
_PEEK = """
    SELECT EXISTS (SELECT FROM deliveries WHERE channel = %(channel)s AND status = 'waiting')
        OR EXISTS (
            SELECT FROM delivery_targets WHERE channel = %(channel)s
            AND split_part(leased_by, '/', 1) = split_part(%(holder)s, '/', 1)),
        coalesce(%(clock)s, clock_timestamp())
"""

# The lock makes "somebody else is at it" true: a sender whose last look found nothing gives its
# lease back in the transaction of that look.
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
        write = partial(
            write_note,
            channel=channel,
            note=note,
            holder=holder,
            lease_s=lease_s,
            clock=self._clock,
        )
        return await self._run(lambda connection: _alone(connection, write))

    async def release(self, channel: str, *, holder: str) -> None:
        """Give the lease back, if it is ours."""
        give_back = partial(targets.release, values={"channel": channel, "holder": holder})
        await self._run(lambda connection: _alone(connection, give_back))

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
    with single_statement(connection):
        ((concerns_us, now),) = _rows(connection, _PEEK, values)
    if not concerns_us:
        return Turn(mine=False, target=Target(now=now))
    held = targets.hold(connection, values)
    target = held.target
    if held.is_elsewhere(values["holder"], take_over_before):
        return Turn(mine=False, elsewhere=True, target=target)
    waiting = tuple(
        _alert(row) for row in _rows(connection, _LEASE_AND_READ, {**values, "now": target.now})
    )
    if not waiting:
        targets.release(connection, values)
    return Turn(mine=bool(waiting), target=target, waiting=waiting)


def _alone(connection: Connection, write: Callable[[Connection], T]) -> T:
    with single_statement(connection):
        return write(connection)


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


def _rows(connection: Connection, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
