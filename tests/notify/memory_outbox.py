"""The outbox in memory: the twin of the one in Postgres, under the same contract suite."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from conscope_app.alerting.budget import NOTHING_SPENT, Spent
from conscope_app.alerting.outbox import (
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


@dataclass
class Row:
    """A delivery as the outbox keeps it."""

    alert: WaitingAlert
    status: str = "waiting"
    message_id: str | None = None
    digest: bool = False
    last_error: str | None = None


@dataclass
class Channel:
    """What is known of a channel."""

    leased_by: str | None = None
    leased_until: datetime | None = None
    blocked_until: datetime | None = None
    disabled_reason: str | None = None
    spent: Spent = NOTHING_SPENT
    invalid_answers: int = 0


class MemoryOutbox:
    """One channel's deliveries; `away` makes every method fail as a database does."""

    def __init__(self, clock: Clock) -> None:
        self.rows: dict[int, Row] = {}
        self.known = Channel()
        self.away: str | None = None
        self.looks = 0
        self.alerts_read = 0
        self._clock = clock

    def add(self, alerts: Iterable[WaitingAlert]) -> None:
        """Have alerts wait."""
        self.rows.update((alert.delivery_id, Row(alert)) for alert in alerts)

    async def take(
        self,
        channel: str,
        *,
        holder: str,
        lease_s: float,
        at_most: int,
        take_over_before: datetime | None,
    ) -> Turn:
        """See `Outbox`."""
        self._must_be_there()
        self.looks += 1
        known, now = self.known, self._clock()
        if known.leased_until is not None:
            self._put_back(put_back(known.leased_until - timedelta(seconds=lease_s), now))
        target = Target(
            now=now,
            blocked_until=known.blocked_until,
            disabled_reason=known.disabled_reason,
            spent=known.spent,
        )
        rows = sorted(self.rows.items())
        waiting = tuple(row.alert for _, row in rows if row.status == "waiting")
        until = known.leased_until
        over = until is not None and until <= now
        ours = (
            known.leased_by is None
            or same_name(known.leased_by, holder)
            or (over and take_over_before is not None and now < take_over_before)
        )
        if not ours and waiting:
            return Turn(mine=False, elsewhere=True, target=target)
        if not waiting:
            if known.leased_by is not None and same_name(known.leased_by, holder):
                known.leased_by = None
            return Turn(mine=False, target=target)
        known.leased_by, known.leased_until = holder, now + timedelta(seconds=lease_s)
        self.alerts_read += len(waiting[:at_most])
        return Turn(mine=True, target=target, waiting=waiting[:at_most])

    async def note(self, channel: str, note: Note, *, holder: str, lease_s: float) -> bool:
        """See `Outbox`."""
        self._must_be_there()
        for number in note.sent:
            row = self.rows[number]
            if row.status != "sent":
                row.status, row.message_id = "sent", note.message_id
                row.digest, row.last_error = number in note.folded, None
        for number in (*note.failed, *note.dead):
            row = self.rows[number]
            if row.status == "waiting":
                row.alert = replace(row.alert, attempts=row.alert.attempts + 1)
                row.last_error = note.error
                row.status = "dead" if number in note.dead else "waiting"
        self._learn(note)
        mine = self.known.leased_by == holder
        if mine:
            self.known.leased_until = self._clock() + timedelta(seconds=lease_s)
        return mine

    async def release(self, channel: str, *, holder: str) -> None:
        """See `Outbox`."""
        self._must_be_there()
        if self.known.leased_by == holder:
            self.known.leased_by = None

    async def counts(self, channel: str) -> Counts:
        """See `Outbox`."""
        self._must_be_there()
        rows = list(self.rows.values())
        statuses = [row.status for row in rows]
        return Counts(
            waiting=statuses.count("waiting"),
            sent=statuses.count("sent"),
            digested=sum(row.digest for row in rows),
            dead=statuses.count("dead"),
            invalid_answers=self.known.invalid_answers,
            oldest_waiting_at=self._clock() if "waiting" in statuses else None,
            blocked_until=self.known.blocked_until,
            disabled_reason=self.known.disabled_reason,
        )

    def _put_back(self, by: timedelta) -> None:
        known = self.known
        since = known.spent.since
        known.leased_until = known.leased_until and known.leased_until - by
        known.blocked_until = known.blocked_until and known.blocked_until - by
        known.spent = replace(known.spent, since=since and since - by)

    def _learn(self, note: Note) -> None:
        known = self.known
        if note.enable:
            known.blocked_until = known.disabled_reason = None
        by = timedelta(0)
        if note.reckoned_at is not None:
            by = put_back(note.reckoned_at, self._clock())
        known.blocked_until = (note.blocked_until and note.blocked_until - by) or (
            known.blocked_until
        )
        known.disabled_reason = note.disable or known.disabled_reason
        if note.spent is not None:
            since = note.spent.since
            known.spent = replace(note.spent, since=since and since - by)
        known.invalid_answers += note.invalid_answers

    def _must_be_there(self) -> None:
        if self.away is not None:
            raise OutboxAway(self.away)
