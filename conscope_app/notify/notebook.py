"""The courier's notes for the outbox: none is lost while the process lives."""

import asyncio
import logging
from typing import Generic, Protocol, TypeVar

from conscope_app.alerting.outbox import Note, OutboxAway
from conscope_app.core.clock import monotonic_s
from conscope_app.notify.lease import Lease

_LAST_TRIES_S = 0.25

_log = logging.getLogger(__name__)


NoteT = TypeVar("NoteT", bound=Note)
_WrittenT = TypeVar("_WrittenT", bound=Note, contravariant=True)


class Notes(Protocol[_WrittenT]):
    """The part of an outbox that a notebook needs."""

    async def note(self, channel: str, note: _WrittenT, *, holder: str, lease_s: float) -> bool: ...
    async def release(self, channel: str, *, holder: str) -> None: ...


class Notebook(Generic[NoteT]):
    """Writes what an attempt came to; keeps a note that could not be written, to write it first."""

    def __init__(self, outbox: Notes[NoteT], channel: str, *, holder: str, lease_s: float) -> None:
        self._outbox = outbox
        self._channel = channel
        self.holder = holder
        self._lease_s = lease_s
        self._unwritten: NoteT | None = None

    @property
    def unwritten(self) -> NoteT | None:
        """The note that the outbox has not taken yet."""
        return self._unwritten

    async def write(self, note: NoteT, lease: Lease) -> None:
        """Have the outbox keep a note, and lengthen the lease with it.

        Raises `OutboxAway`; the note is kept then until `catch_up` or `finish` can write it.
        """
        asked_at = monotonic_s()
        mine = await self._write(note)
        lease.learn(note)
        lease.until = asked_at + self._lease_s if mine else asked_at

    async def catch_up(self) -> None:
        """Write the note that could not be written, if there is one, before anything is sent."""
        if self._unwritten is not None:
            await self._write(self._unwritten)

    async def finish(self) -> None:
        """The same before the process ends, tried for ever; and give the channel back after it."""
        while self._unwritten is not None:
            try:
                await self._write(self._unwritten)
                await self._outbox.release(self._channel, holder=self.holder)
            except OutboxAway:
                await asyncio.sleep(_LAST_TRIES_S)

    def give_up(self) -> None:
        """Log what the lack of an unwritten note means, for a person."""
        note = self._unwritten
        if note is None or not note.sent:
            return
        _log.error(
            "%s took message %s, but the outbox cannot be told: its %d alerts, deliveries %d to "
            "%d, will be told again under the same ids",
            self._channel,
            note.message_id or "without an id",
            len(note.sent),
            min(note.sent),
            max(note.sent),
        )

    async def _write(self, note: NoteT) -> bool:
        self._unwritten = note
        mine = await self._outbox.note(
            self._channel, note, holder=self.holder, lease_s=self._lease_s
        )
        self._unwritten = None
        if note.dead:
            _log.error("%s refuses an alert, which is given up: %s", self._channel, note.error)
        return mine
