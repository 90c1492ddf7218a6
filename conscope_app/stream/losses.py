"""What was removed from a partition before it was read, and whether somebody has taken note. Pure.

A loss is a fact, kept with the position and never taken back; what ends its alarm is that a person
acknowledges it. Offsets are counted, since what they held is gone: most are records, some may be
markers of transactions.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from conscope_app.stream.cluster import PartitionStatus


class Origin(NamedTuple):
    """The partition of a consumer group that something was lost of."""

    group: str
    topic: str
    partition: int


class Loss(NamedTuple):
    """Offsets of one agent's partition that were removed unread, since it was first read."""

    agent: str
    group: str
    topic: str
    partition: int
    lost: int

    @property
    def origin(self) -> Origin:
        """What an acknowledgement speaks of."""
        return Origin(self.group, self.topic, self.partition)

    def unacknowledged(self, acknowledged: Mapping[Origin, int]) -> int:
        """How many of them nobody has acknowledged.

        An acknowledgement of more than was ever lost is of an earlier life of the partition, before
        its topic or its changelog was made anew: it does not cover this loss.
        """
        noted = acknowledged.get(self.origin, 0)
        return self.lost - noted if noted <= self.lost else self.lost


def unacknowledged(losses: Iterable[Loss], acknowledged: Mapping[Origin, int]) -> list[Loss]:
    """The losses of which somebody has yet to take note."""
    return [loss for loss in losses if loss.unacknowledged(acknowledged)]


def reported_losses(partitions: Iterable[PartitionStatus], groups: Mapping[str, str]) -> list[Loss]:
    """The losses in the workers' reports; `groups` names the consumer group of each agent.

    An agent without a group is one that this version does not have.
    """
    return [
        Loss(each.agent, groups[each.agent], each.topic, each.partition, each.lost)
        for each in partitions
        if each.lost and each.agent in groups
    ]


def reason(loss: Loss, acknowledged: Mapping[Origin, int]) -> str:
    """Why a worker that owns the partition is not ready, and the command that ends it."""
    return (
        f"{loss.agent}: {loss.unacknowledged(acknowledged)} offsets of "
        f"{loss.topic}-{loss.partition} were removed before they were read; look into it "
        "(docs/operating.md), then: faust -A conscope_app losses acknowledge "
        f"--agent {loss.agent} --partition {loss.partition}"
    )
