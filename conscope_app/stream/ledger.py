"""A ledger keeps what came out of a partition together with how far it has been read."""

from typing import Protocol, TypeVar

from conscope_app.core.positions import PositionMoved
from conscope_app.stream.slab import Slab

__all__ = ["Ledger", "PositionMoved"]

OutcomeT = TypeVar("OutcomeT")


class Ledger(Protocol[OutcomeT]):
    """Where the outcomes and the position of one source partition live, for one owner at a time.

    Guarantee: `write` makes the outcome and the slab's `next_offset` durable together, or neither;
    after another worker's `open` of the same partition has returned, no `write` of ours changes
    anything. A ledger retries what is away (a database, a broker) for ever and says so in
    `trouble`; it raises only what must end the worker, or `PositionMoved`. Cancelling any of its
    coroutines is safe at every await: what was not durable is simply read again.
    """

    trouble: str | None  # why it is waiting, for the page and readiness; None when all is well

    @property
    def lost(self) -> int:
        """Offsets that the position jumped over, kept with it: they were removed unread."""

    async def open(self) -> int | None:
        """Take the partition over. Returns the next offset to read; None if it was never read."""

    async def write(self, slab: Slab[OutcomeT], outcome: OutcomeT) -> None:
        """Keep the outcome and the slab's `next_offset`, both or neither.

        A slab that starts behind the position adds what lies between to `lost`, with the rest.
        """

    async def close(self) -> None:
        """Let go: finish or abandon what is in flight, close files and connections."""
