"""Writes what is said of watches: to the board, and between the prices that are watched."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from conscope_app.alerting.watches.control import Control, Sent, control_record
from conscope_app.stream.board import Posted, encode_posted
from conscope_app.stream.outcome import Written
from conscope_app.stream.partitioner import Partitioner
from conscope_app.stream.sender import Sender

# What is said of several watches is sent at once.
_RECORDS_AT_ONCE = 500

# What fits a topic's max.message.bytes (1 MiB by default) with its headers.
MOST_BYTES = 900_000


class TooLarge(ValueError):
    """A record that Kafka would not take: trying again is no use."""


class Said(NamedTuple):
    """Something that concerns one subject."""

    subject: str
    record: Sent


class WatchLog:
    """The topics of watches as the publisher writes them; raises what `Sender.send` does."""

    def __init__(self, sender: Sender, *, board: str, prices: str, partitions: int) -> None:
        self._sender = sender
        self._board = board
        self._prices = prices
        self._partitions = partitions
        self._partition_of = Partitioner(partitions)
        self._unsaid: list[Said] = []

    async def post(self, entries: Iterable[tuple[str, Posted | None]]) -> None:
        """Put watches on the board, or take them off."""
        records: list[Written] = [
            (watch_id.encode(), None if posted is None else encode_posted(posted), ())
            for watch_id, posted in entries
        ]
        await self._send(self._board, 0, records)

    async def say(self, all_said: Iterable[Said]) -> None:
        """Write where each subject's prices stand, in this order for each; soon, or with `flush`.

        A record that is too large for Kafka raises `TooLarge`, and is left out with all after it.
        """
        for said in all_said:
            if len(said.record[1]) > MOST_BYTES:
                raise TooLarge(f"{len(said.record[1])} bytes of {said.subject} are too many")
            self._unsaid.append(said)
        if len(self._unsaid) >= _RECORDS_AT_ONCE:
            await self.flush()

    async def say_to_all(self, control: Control, at: datetime) -> None:
        """Write a control record to every partition, behind all that was said before."""
        record = control_record(control, key="", at=at)
        if len(record[1]) > MOST_BYTES:
            raise TooLarge(f"{len(record[1])} bytes are too many")
        await self.flush()
        for partition in range(self._partitions):
            await self._sender.send(self._prices, partition, [record])

    async def flush(self) -> None:
        """Returns when the brokers have all that was said. What fails is not said any more."""
        unsaid, self._unsaid = self._unsaid, []
        by_partition: dict[int, list[Written]] = defaultdict(list)
        for subject, record in unsaid:
            by_partition[self._partition_of(subject.encode())].append(record)
        for partition, records in sorted(by_partition.items()):
            await self._send(self._prices, partition, records)

    def forget(self) -> None:
        """Let go of what was not written yet: its publication begins anew."""
        self._unsaid.clear()

    async def _send(self, topic: str, partition: int, records: Sequence[Written]) -> None:
        for run in _runs(records):
            await self._sender.send(topic, partition, run)


def _runs(records: Sequence[Written]) -> Iterator[Sequence[Written]]:
    for start in range(0, len(records), _RECORDS_AT_ONCE):
        yield records[start : start + _RECORDS_AT_ONCE]
