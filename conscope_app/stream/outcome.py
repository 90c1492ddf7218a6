"""What an agent answers a slab with, where the answer is records and state in Kafka."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

Headers = Sequence[tuple[str, bytes]]


class Output(NamedTuple):
    """A record to write. Key and value may be None, as Kafka allows."""

    key: bytes | None
    value: bytes | None
    headers: Headers = ()


# What an `Output` is, also as a plain tuple: making a named one costs as much as encoding it.
Written = tuple[bytes | None, bytes | None, Headers]


@dataclass(slots=True)
class Outcome:
    """Everything that follows from one slab: written as a whole, or not at all.

    `outputs` go to (topic, partition); `changes` are the table's rows of the slab's partition
    (None deletes); `counts` are added to the partition's counters; `refused_at` are the places in
    the slab of the records that were refused.
    """

    outputs: dict[tuple[str, int], Sequence[Written]] = field(default_factory=dict)
    changes: Mapping[bytes, bytes | None] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    refused_at: list[int] = field(default_factory=list)
