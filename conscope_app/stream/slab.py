"""A slab: a run of records of one partition, on its way through an agent."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from conscope_app.core.record import Record

__all__ = ["Desk", "Record", "Slab"]


OutcomeT = TypeVar("OutcomeT")


class Desk(Protocol):
    """Where slabs wait for their agent."""

    def hand_over(self, slab: "Slab[Any]") -> None:
        """Put a slab on the desk."""

    def take_back(self, slab: "Slab[Any]") -> bool:
        """Take a slab off the desk; False where the agent has taken it already."""


@dataclass(slots=True, eq=False)
class Slab(Generic[OutcomeT]):
    """Records of one partition; it claims every offset in [start, next_offset).

    Offsets inside the claim that have no record were never readable: transaction markers, aborted
    or compacted records.
    """

    topic: str
    partition: int
    start: int
    next_offset: int
    records: Sequence[Record]
    outcome: asyncio.Future[OutcomeT] = field(repr=False)
    state: Any = field(default=None, repr=False)

    def commit(self, outcome: OutcomeT) -> None:
        """Hand the outcome to the partition's ledger, which keeps it with the position.

        Returns at once: the ledger writes while the agent turns to another partition's slab. The
        next slab of this partition comes only after the outcome is durable. An answer to a slab
        that was given up meanwhile (its partition went to another worker) is dropped.
        """
        if not self.outcome.done():
            self.outcome.set_result(outcome)
