"""The courier: carries waiting alerts from the outbox to a channel, one message after the other.

Guarantee: every alert is told at least once, in the order it waits in. The alerts of one message
are told again only where the process died between the channel's answer and the note of it in the
outbox, where it was cut off from the outbox past its lease in between while others were not, or
where the answer never arrived; and then under the same ids. An outage of the outbox repeats
nothing, however long: see `Contact`. One courier at a time works on a channel: it leases the
channel, sends one message, notes it, and only then sends the next; and it sends nothing once the
monotonic clock says that the lease may have run out before the answer is there. After a kill, the
next process that goes by the same name takes up the dead one's lease at once (see `go_by`).
"""

import logging
import random
from collections.abc import Callable

from conscope_app.alerting.budget import Budget
from conscope_app.alerting.grouping import Message, choose
from conscope_app.alerting.outbox import Note, Outbox, OutboxAway
from conscope_app.alerting.suspects import Suspects
from conscope_app.alerting.waiting import WaitingAlert
from conscope_app.core.clock import monotonic_s
from conscope_app.core.delays import RecentDelays
from conscope_app.notify.backoff import backoff_s
from conscope_app.notify.base import Notifier, NotifyError, Rejected, TooLate
from conscope_app.notify.closing import finish_notes
from conscope_app.notify.contact import Contact
from conscope_app.notify.lease import Lease, life_of, own_name
from conscope_app.notify.notebook import Notebook
from conscope_app.notify.outcomes import note_of_failure, note_of_receipt
from conscope_app.notify.rest import AT_ONCE, DISABLED, IDLE, Rest, until
from conscope_app.notify.rounds import Rounds

LEASE_S = 20.0

# The outbox is our own, and asking costs it little: it is asked again soon after it is back.
LONGEST_OUTAGE_S = 5.0

# How long closing waits for the message that is on its way, and the note of it.
CLOSE_S = 20.0

# What one digest folds at most; a queue beyond it takes several.
MAX_FOLD = 5_000

_log = logging.getLogger(__name__)


class Courier:
    """Sends what waits for one channel.

    `trouble` says why alerts are waiting, in a sentence without secrets; None while all is well.
    A pause for the budget of messages is no trouble.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        notifier: Notifier,
        messages_per_minute: int,
        holder: str | None = None,
        lease_s: float = LEASE_S,
        close_s: float = CLOSE_S,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        if lease_s <= notifier.send_s:
            raise ValueError(f"a lease of {lease_s} s is shorter than sending: {notifier.send_s} s")
        self.trouble: str | None = None
        self.messages_sent = 0
        self.alerts_sent = 0
        self.delays = RecentDelays()  # from a price's append to the channel's answer
        self._outbox = outbox
        self._notifier = notifier
        self._budget = Budget(messages_per_minute)
        self._holder = holder or own_name()
        self._lease_s = lease_s
        self._close_s = close_s
        self._jitter = jitter
        # Shorter than what a lease has left when the channel has taken its full time to answer.
        self._contact = Contact(silence_s=lease_s - notifier.send_s)
        self._suspects = Suspects()
        self._notebook = Notebook(outbox, self.channel, holder=self._holder, lease_s=lease_s)
        self._outages = 0
        self._held_up = False  # something waits that may not be sent yet
        self._rounds = Rounds(self.deliver_due)

    @property
    def channel(self) -> str:
        """The channel that new deliveries are written for."""
        return self._notifier.channel

    def go_by(self, name: str) -> None:
        """Be the present life of a name, and go on with the lease that its last one left.

        To be said before anything is sent, and only where no earlier life of the name can be alive.
        """
        self._holder = self._notebook.holder = life_of(name)

    def wake(self) -> None:
        """Say that something waits; it is sent at once, unless the channel needs a pause."""
        self._rounds.wake()

    async def run(self) -> None:
        """Send what waits, as it comes, until `close`; cancelling finishes the message on its way.

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
        self._notebook.give_up()
        await self._notifier.close()

    async def deliver_due(self) -> Rest:
        """One turn: send what waits now and may be sent; says when to look again."""
        try:
            await self._notebook.catch_up()
            rest = await self._turn()
        except OutboxAway as away:
            self._outages += 1
            self._contact.lost()
            self._say(f"the outbox cannot be reached: {away}")
            wait_s = min(backoff_s(self._outages, self._jitter()), LONGEST_OUTAGE_S)
            return Rest(wait_s, wakeable=False)
        self._outages = 0
        return rest

    async def _turn(self) -> Rest:
        # A long queue is not read again and again while nothing of it may be sent.
        rest = await self._send_first(1) if self._held_up else AT_ONCE
        if rest is AT_ONCE:
            rest = await self._send_first(MAX_FOLD)
        self._held_up = rest not in (AT_ONCE, IDLE)
        if self._held_up or (self._rounds.leaving and rest is AT_ONCE):
            await self._outbox.release(self.channel, holder=self._holder)
        return rest

    async def _send_first(self, at_most: int) -> Rest:
        """Send the first of what waits; where only one is asked for, no more than look at it."""
        asked_at = monotonic_s()
        turn = await self._outbox.take(
            self.channel,
            holder=self._holder,
            lease_s=self._lease_s,
            at_most=at_most,
            take_over_before=self._contact.take_over_before,
        )
        self._contact.heard(turn.target.now)
        if not turn.mine:
            self._suspects = Suspects()  # whoever has the queue now, it will be another one
            if not turn.elsewhere:
                self._say(None)
            return IDLE
        lease = Lease(turn.target, monotonic_s(), asked_at + self._lease_s)
        if at_most == 1:
            return await self._obstacle(lease, turn.waiting[0]) or AT_ONCE
        return await self._send_all(lease, list(turn.waiting))

    async def _send_all(self, lease: Lease, queue: list[WaitingAlert]) -> Rest:
        while queue and not self._rounds.leaving:
            rest = await self._obstacle(lease, queue[0])
            if rest is not None:
                return rest
            told = await self._send_next(lease, queue)
            if told is None:
                break
            del queue[:told]
        return AT_ONCE

    async def _obstacle(self, lease: Lease, head: WaitingAlert) -> Rest | None:
        """Why nothing may be sent now, as the time after which to look again."""
        disabled = lease.target.disabled_reason
        if disabled is not None:
            owner, _, problem = disabled.partition(" ")
            if owner == self._notifier.fingerprint:
                ends = f"its address is changed, or `deliveries enable {self.channel}` is run"
                self._say(f"{self.channel} is disabled until {ends}: {problem}")
                return DISABLED
            await self._notebook.write(Note(enable=True), lease)
        now = lease.now(monotonic_s())
        blocked_until = lease.target.blocked_until
        if blocked_until is not None and blocked_until > now:
            if self.trouble is None and head.attempts:
                self._say(f"{self.channel} failed {head.attempts} times; next at {blocked_until}")
            return until(blocked_until, now)
        place_at = self._budget.next_place_at(lease.target.spent, now)
        return until(place_at, now) if place_at > now else None

    async def _send_next(self, lease: Lease, queue: list[WaitingAlert]) -> int | None:
        """Send one message; how many alerts it took off the queue, None where the lease is over."""
        message = self._choose(lease, queue)
        count = len(message.alerts)
        before = lease.until - self._notifier.send_s
        try:
            receipt = await self._notifier.deliver(message, before=before)
        except TooLate:
            return None
        except NotifyError as error:
            await self._notebook.write(note := self._refused(message, error, lease), lease)
            return len(note.dead)
        now = lease.now(monotonic_s())
        spent = self._budget.spend(lease.target.spent, now)
        self._suspects = self._suspects.accepted(count)
        self._say(None)
        self.messages_sent += 1
        self.alerts_sent += count
        self.delays.note_since((alert.alert_timestamp for alert in message.alerts), now)
        note = note_of_receipt(message, receipt, now=now, spent=spent)
        await self._notebook.write(note, lease)
        return count

    def _choose(self, lease: Lease, queue: list[WaitingAlert]) -> Message:
        limits, weigh = self._notifier.limits, self._notifier.weigh
        if self._suspects.count:
            probe = queue[: self._suspects.probe]
            return choose(probe, places_left=1, limits=limits, weigh=weigh)
        places_left = self._budget.places_left(lease.target.spent, lease.now(monotonic_s()))
        return choose(queue, places_left=places_left, limits=limits, weigh=weigh)

    def _refused(self, message: Message, error: NotifyError, lease: Lease) -> Note:
        now = lease.now(monotonic_s())
        self._say(error.problem)
        if isinstance(error, Rejected):
            self._suspects = self._suspects.refused(len(message.alerts))
        return note_of_failure(
            message,
            error,
            now=now,
            spent=self._budget.spend(lease.target.spent, now),
            jitter=self._jitter(),
            owner=self._notifier.fingerprint,
        )

    def _say(self, trouble: str | None) -> None:
        if trouble != self.trouble and trouble is not None:
            _log.warning("alerts wait: %s", trouble)
        self.trouble = trouble
