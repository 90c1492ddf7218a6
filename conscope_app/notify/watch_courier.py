"""The courier of one channel: tells what watches have found, one message after the other.

Guarantee: whatever is to be told is told at least once, and an episode is announced once. It is
announced again, under the same id of the message where that says the same, only where the process
died between the channel's answer and the note of it, where it was cut off from the outbox past its
lease in between while others were not, or where the answer never arrived. That a message is on its
way is committed before it is sent: what may have been read is told as over if it ends meanwhile.

One courier at a time works on a channel. Leases, what is let pass of an outage (`Contact`), and
going by a name (`go_by`) are those of `notify.courier`.
"""

import logging
import random
from collections.abc import Callable
from functools import partial

from conscope_app.alerting.budget import Budget
from conscope_app.alerting.outbox import OutboxAway, Target
from conscope_app.alerting.watches.choosing import choose
from conscope_app.alerting.watches.telling import (
    Outcome,
    Task,
    TellingNote,
    WatchOutbox,
)
from conscope_app.core.clock import monotonic_s
from conscope_app.core.delays import RecentDelays
from conscope_app.notify.backoff import backoff_s
from conscope_app.notify.base import NotifyError, TooLate
from conscope_app.notify.channels import Channel, ChannelKind
from conscope_app.notify.closing import finish_notes
from conscope_app.notify.contact import Contact
from conscope_app.notify.courier import CLOSE_S, LONGEST_OUTAGE_S
from conscope_app.notify.lease import Lease, life_of, own_name
from conscope_app.notify.looked_through import LookedThrough
from conscope_app.notify.notebook import Notebook
from conscope_app.notify.planned_ahead import PlannedAhead
from conscope_app.notify.rest import AT_ONCE, DISABLED, IDLE, Rest, until
from conscope_app.notify.rounds import Rounds
from conscope_app.notify.watch_outcomes import note_of_telling, note_of_trouble

# What a lease has left when the channel has taken its full time to answer: for the note of it.
NOTE_S = 10.0

TIDY_S = 3_600.0
TIDY_AT_MOST = 1_000

_log = logging.getLogger(__name__)


class WatchCourier:
    """Tells one channel. `trouble` is as the `Courier`'s."""

    def __init__(
        self,
        *,
        outbox: WatchOutbox,
        channel: Channel,
        messages_per_minute: int,
        holder: str | None = None,
        close_s: float = CLOSE_S,
        jitter: Callable[[], float] = random.random,
        monotonic: Callable[[], float] = monotonic_s,
    ) -> None:
        self.trouble: str | None = None
        self.messages_told = 0
        self.delays = RecentDelays()  # from what raised an episode to the channel's answer
        self._outbox = outbox
        self._channel = channel
        self._budget = Budget(messages_per_minute)
        self._lease_s = channel.send_s + NOTE_S
        self._holder = holder or own_name()
        self._close_s = close_s
        self._jitter = jitter
        self._monotonic = monotonic
        self._contact = Contact(silence_s=self._lease_s - channel.send_s)
        self._notebook: Notebook[TellingNote] = Notebook(
            outbox, channel.name, holder=self._holder, lease_s=self._lease_s
        )
        self._rounds = Rounds(self.deliver_due)
        self._outages = 0
        self._looked_through = LookedThrough()
        self._ahead = PlannedAhead()
        self._tidy_at = monotonic() + TIDY_S * jitter()

    @property
    def channel(self) -> str:
        """What watches call it."""
        return self._channel.name

    @property
    def kind(self) -> ChannelKind:
        """What it is."""
        return self._channel.kind

    def go_by(self, name: str) -> None:
        """Be the present life of a name, as `Courier.go_by` says."""
        self._holder = self._notebook.holder = life_of(name)

    def wake(self) -> None:
        """Say that something may wait; it is told at once, unless the channel needs a pause."""
        self._rounds.wake()

    async def run(self) -> None:
        """Tell what is due, as it comes, until `close`; cancelling finishes the message on its way.

        It may be called again after it was cancelled, and tries an outbox that is away for ever.
        """
        await self._rounds.run()

    async def close(self) -> None:
        """Finish the message on its way and the note of it, give the channel back, let go of it.

        Where the outbox stays away for as long as closing may take, the log says what will be told
        again.
        """
        self._rounds.close()
        await finish_notes(self._rounds, self._notebook, self._close_s)
        lost = self._notebook.unwritten
        if lost is not None and lost.task is not None and lost.outcome is Outcome.TOLD:
            message, count = lost.task.delivery.message, len(lost.task.delivery.tells)
            _log.error(
                "%s took message %s, but the outbox cannot be told: its %d alerts will be told "
                "again",
                self.channel,
                message,
                count,
            )
        await self._channel.close()

    async def deliver_due(self) -> Rest:
        """One turn: tell what is due and may be told; says when to look again."""
        try:
            await self._notebook.catch_up()
            rest = await self._turn()
        except OutboxAway as away:
            self._outages += 1
            self._contact.lost()
            self._looked_through.forget()
            self._ahead.forget()
            self._say(f"the outbox cannot be reached: {away}")
            wait_s = min(backoff_s(self._outages, self._jitter()), LONGEST_OUTAGE_S)
            return Rest(wait_s, wakeable=False)
        self._outages = 0
        return rest

    async def _turn(self) -> Rest:
        await self._tidy()
        look = await self._outbox.look(self.channel, holder=self._holder)
        self._contact.heard(look.now)
        if not look.waits and not look.is_leased_to_us:
            self._say(None)
            return IDLE
        if self._looked_through.knows(look, monotonic=self._monotonic()):
            return self._looked_through.rest(look.now)
        while not self._rounds.leaving:
            rest = await self._tell_one()
            if rest is not AT_ONCE:
                return rest
        await self._outbox.release(self.channel, holder=self._holder)
        return AT_ONCE

    async def _tell_one(self) -> Rest:
        """Tell the most urgent message, if one is due; `AT_ONCE` where there may be another."""
        asked_at = self._monotonic()
        among = self._ahead.first(monotonic=asked_at)
        turn = await self._outbox.take(
            self.channel,
            holder=self._holder,
            lease_s=self._lease_s,
            take_over_before=self._contact.take_over_before,
            may_send=lambda target: self._obstacle(target) is None,
            choose=partial(choose, can_edit=self._channel.can_edit),
            among=among,
        )
        self._contact.heard(turn.target.now)
        self._looked_through.forget()
        if turn.elsewhere:
            self._ahead.forget()
            return IDLE
        if turn.hindered:
            return await self._hindered(turn.target)
        now = self._monotonic()
        if among is not None:
            self._ahead.had()
        elif turn.task is None:
            self._say(None)
            self._looked_through.note(turn, took_s=now - asked_at, monotonic=now)
            return self._looked_through.rest(turn.target.now)
        else:
            self._ahead.note(turn.ahead, took_s=now - asked_at, monotonic=now)
        if turn.task is not None:
            await self._tell(turn.task, Lease(turn.target, now, asked_at + self._lease_s))
        return AT_ONCE

    async def _tell(self, task: Task, lease: Lease) -> None:
        before = lease.until - self._channel.send_s
        try:
            if task.edits is None:
                receipt = await self._channel.send(task.announcement, before=before)
            else:
                receipt = await self._channel.edit(task.edits, task.announcement, before=before)
        except NotifyError as error:
            await self._notebook.write(self._note_of(task, error, lease), lease)
            return
        self._say(None)
        self.messages_told += 1
        now = lease.now(self._monotonic())
        if task.announcement.is_new:
            raised = (line.raised_at for line in task.announcement.lines)
            self.delays.note_since((at for at in raised if at is not None), now)
        spent = self._budget.spend(lease.target.spent, now)
        await self._notebook.write(note_of_telling(task, receipt, now=now, spent=spent), lease)

    def _note_of(self, task: Task, error: NotifyError, lease: Lease) -> TellingNote:
        now = lease.now(self._monotonic())
        note = note_of_trouble(
            task,
            error,
            now=now,
            spent=self._budget.spend(lease.target.spent, now),
            jitter=self._jitter(),
            owner=self._channel.fingerprint,
        )
        if not isinstance(error, TooLate):
            self._say(error.problem)
        if note.outcome is Outcome.REFUSED and len(task.delivery.tells) == 1:
            _log.error(
                "%s refuses the alert %s, which is given up: %s",
                self.channel,
                task.delivery.tells[0].episode,
                error.problem,
            )
        return note

    def _obstacle(self, target: Target) -> Rest | None:
        """Why nothing may be sent now, as the time after which to look again."""
        if target.disabled_reason is not None:
            return DISABLED
        if target.blocked_until is not None and target.blocked_until > target.now:
            return until(target.blocked_until, target.now)
        place_at = self._budget.next_place_at(target.spent, target.now)
        return until(place_at, target.now) if place_at > target.now else None

    async def _hindered(self, target: Target) -> Rest:
        """Say what hinders us; a channel that was disabled under another address is enabled."""
        owner, _, problem = (target.disabled_reason or "").partition(" ")
        if owner == self._channel.fingerprint:
            self._say(f"disabled until its address is changed, or somebody enables it: {problem}")
        elif owner:
            note = TellingNote(enable=True)
            await self._outbox.note(self.channel, note, holder=self._holder, lease_s=self._lease_s)
            return AT_ONCE
        return self._obstacle(target) or AT_ONCE

    async def _tidy(self) -> None:
        if self._monotonic() < self._tidy_at:
            return
        forgotten = await self._outbox.forget(self.channel, at_most=TIDY_AT_MOST)
        # Where there is more, the next turn goes on with it.
        self._tidy_at = self._monotonic() + (0 if forgotten == TIDY_AT_MOST else TIDY_S)

    def _say(self, trouble: str | None) -> None:
        if trouble != self.trouble and trouble is not None:
            _log.warning("%s: alerts wait: %s", self.channel, trouble)
        self.trouble = trouble
