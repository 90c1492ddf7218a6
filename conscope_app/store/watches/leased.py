"""Watches that this worker is publishing: leased, kept while that takes its time, given back."""

from collections.abc import Callable, Sequence
from typing import Self

from conscope_app.store.engine import Database
from conscope_app.store.watches import publishing
from conscope_app.store.watches.publishing import Published, Unpublished

_KEEP_EVERY_S = 5.0


class Leased:
    """A batch of watches under a lease of its own.

    What is not noted stays leased until its time is over, and so holds up no other batch.
    """

    def __init__(
        self,
        database: Database,
        holder: str,
        batch: Sequence[Unpublished],
        monotonic: Callable[[], float],
    ) -> None:
        self.batch = batch
        self._database = database
        self._holder = holder
        self._monotonic = monotonic
        self._ours = {each.id for each in batch}
        self._kept_at = monotonic()

    @classmethod
    async def take(cls, database: Database, holder: str, monotonic: Callable[[], float]) -> Self:
        """Lease what is to be published, if there is anything, under a name that is used once."""
        batch = await database.run(lambda c: publishing.take(c, holder))
        return cls(database, holder, batch, monotonic)

    async def keep(self) -> None:
        """Lengthen the lease, if that is due."""
        if self._monotonic() - self._kept_at < _KEEP_EVERY_S:
            return
        ours = self._ours
        self._ours = await self._database.run(lambda c: publishing.keep(c, self._holder, ours))
        self._kept_at = self._monotonic()

    def holds(self, watch_id: str) -> bool:
        """Whether nobody else has taken the watch meanwhile, as far as is known."""
        return watch_id in self._ours

    async def note(self, published: Sequence[Published]) -> None:
        """Note what is in Kafka now."""
        await self._database.run(lambda c: publishing.note(c, self._holder, published))

    async def give_back(self) -> None:
        """Have all of it published by whoever comes next."""
        await self._database.run(lambda c: publishing.give_back(c, self._holder, self._ours))
