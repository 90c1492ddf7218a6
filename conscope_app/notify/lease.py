"""A channel leased from the outbox: until when it is ours, and what is known of it meanwhile."""

import os
import secrets
import socket
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from conscope_app.alerting.outbox import Note, Target


@dataclass(slots=True)
class Lease:
    """Moments are the outbox's, which all senders share; `until` is our monotonic clock's.

    `until` counts from before the outbox was asked, so that it is never later than the outbox's
    own end of the lease, and a process that stood still learns that it has passed.
    """

    target: Target
    read_at: float
    until: float

    def now(self, monotonic: float) -> datetime:
        """The outbox's present moment, by what has passed since it told us."""
        return self.target.now + timedelta(seconds=monotonic - self.read_at)

    def learn(self, note: Note) -> None:
        """What the outbox knows of the channel after the note."""
        target = self.target
        if note.enable:
            target = replace(target, disabled_reason=None, blocked_until=None)
        self.target = replace(
            target,
            blocked_until=note.blocked_until or target.blocked_until,
            disabled_reason=note.disable or target.disabled_reason,
            spent=note.spent or target.spent,
        )


def own_name() -> str:
    """A name that no other process has, nor this one's successor."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


def life_of(name: str) -> str:
    """The holder that this process is, among all that go by the name one after the other."""
    return f"{name}/{os.getpid()}-{secrets.token_hex(4)}"
