"""A few dead letters that somebody has picked, sent back to where they are taken."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import aclosing
from typing import NamedTuple

from conscope_app.core.ids import RecordId
from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.newest_letters import Bounds, Glimpse, NewestLetters
from conscope_app.stream.replay import Replay, Sent, plan
from conscope_app.stream.shelf import Shelved, Wanted

# What is held in memory before it is sent: a letter may take three megabytes.
_BYTES_AT_ONCE = 8 * 1024 * 1024

BEFORE = "it was replayed before"


class Left(NamedTuple):
    """A letter that did not go back, and why."""

    id: str
    why: str


class Replayed(NamedTuple):
    """What became of the letters that were named: the ids of those sent, and the others."""

    sent: list[str]
    left: list[Left]


class Interrupted(Exception):
    """It ended before its end; `sent` went back, and is remembered: to ask again is safe."""

    def __init__(self, sent: Sequence[str]) -> None:
        super().__init__(f"{len(sent)} were sent before")
        self.sent = list(sent)


class LetterReplay:
    """Sends letters back, as `Replay` does: each in one transaction with what remembers it.

    They are looked for among the newest of their partitions, within the bounds.
    """

    def __init__(self, brokers: Brokers, raw_topic: str, dead_topic: str, bounds: Bounds) -> None:
        self._brokers = brokers
        self._topics = (raw_topic, dead_topic)
        self._bounds = bounds

    async def send_back(self, origins: Collection[RecordId], *, again: bool) -> Replayed:
        """Send those back that can be; with `again` also what was replayed before.

        Raises `Interrupted`, from what was the matter, where some went back already.
        """
        done = Replayed([], [])
        try:
            # Opened first: nobody else replays from here on, so what is read now stays true.
            async with Replay(self._brokers, self._topics[1]) as replay:
                await self._send_back(replay, frozenset(origins), again=again, done=done)
        except Exception as error:
            if done.sent:
                raise Interrupted(done.sent) from error
            raise
        return done

    async def _send_back(
        self, replay: Replay, origins: frozenset[RecordId], *, again: bool, done: Replayed
    ) -> None:
        partitions = {origin.partition for origin in origins}
        letters = NewestLetters(self._brokers, self._topics[1], partitions, self._bounds)
        waiting: list[Sent] = []
        async with letters:
            found = await _found(letters, origins)
            done.left.extend(_missing(origins, found, letters.looked_at))
            for origin, glimpse in found.items():
                if glimpse.replayed and not again:
                    done.left.append(Left(str(origin), BEFORE))
                    continue
                record = await letters.record(glimpse.partition, glimpse.offset)
                shelved = Shelved(record, glimpse.letter, glimpse.replayed)
                sent, left = plan([shelved], Wanted(), self._topics[0], {}, again=again)
                done.left.extend(Left(str(origin), each.why) for each in left)
                waiting += sent
                if sum(len(each.value) for each in waiting) > _BYTES_AT_ONCE:
                    await _send(replay, waiting, done)
            await _send(replay, waiting, done)


async def _found(letters: NewestLetters, origins: Collection[RecordId]) -> dict[RecordId, Glimpse]:
    """The newest letter of each origin, those that were read last at the front."""
    found: dict[RecordId, Glimpse] = {}
    async with aclosing(letters.newest_first()) as newest_first:
        async for glimpse in newest_first:
            if glimpse.letter.origin in origins:
                found.setdefault(glimpse.letter.origin, glimpse)
                if len(found) == len(origins):
                    break
    return dict(reversed(found.items()))


def _missing(
    origins: Collection[RecordId], found: Collection[RecordId], looked_at: int
) -> Iterator[Left]:
    for origin in sorted(set(origins) - set(found)):
        yield Left(str(origin), f"it is not among the newest {looked_at} of its partition")


async def _send(replay: Replay, waiting: list[Sent], done: Replayed) -> None:
    await replay.send(waiting)
    done.sent.extend(str(each.shelved.letter.origin) for each in waiting)
    waiting.clear()
