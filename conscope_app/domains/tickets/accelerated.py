"""`tracking.track` with a faster fold for the raw prices that are plain, which nearly all are.

The plain fold knows one thing and stops at the first record that is anything else. That record goes
to `tracking.Fold`, which is the definition of it all, and the plain fold goes on behind it. What
comes out is the same to the byte, in the same order.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from conscope_app.core.record import Record
from conscope_app.domains.tickets.folding import HeldUnreadable, Tracked, unreadable
from conscope_app.domains.tickets.tracking import Fold

# A run this long costs Python no more a record than any longer one.
MAX_RUN = 128


class PlainFold(Protocol):
    """Takes plain records from `start` on, and gives the index of the first that is not one.

    What they lead to is added to `tracked`. Where `held` raises, it raises what `unreadable` makes
    of that.
    """

    def __call__(
        self,
        records: list[Record],
        start: int,
        held: Callable[[bytes], bytes | None],
        partition: int,
        partition_of: Callable[[bytes], int],
        unreadable: Callable[[bytes, Exception], HeldUnreadable],
        tracked: Tracked,
        /,
    ) -> int: ...


class Track(Protocol):
    """`tracking.track`, or what does the same."""

    def __call__(
        self,
        records: Iterable[Record],
        held: Callable[[bytes], bytes | None],
        partition: int,
        partition_of: Callable[[bytes], int],
        /,
    ) -> Tracked: ...


def accelerated(plain: PlainFold) -> Track:
    """`tracking.track`, with `plain` for the records that it takes."""

    def track(
        records: Iterable[Record],
        held: Callable[[bytes], bytes | None],
        partition: int,
        partition_of: Callable[[bytes], int],
        /,
    ) -> Tracked:
        every = records if type(records) is list else list(records)
        out = Tracked(counts={"records": 0})

        def newest(key: bytes) -> bytes | None:
            row = out.changes.get(key)
            return held(key) if row is None else row

        fold = Fold(newest, partition, partition_of, out)
        at, run = 0, 0
        while True:
            begin = at
            at = plain(every, at, held, partition, partition_of, unreadable, out)
            if at == len(every):
                return out
            # A record that is not plain is often alone. Where fewer plain ones came than Python had
            # taken before them, there are many of it: Python is given twice as many at once, since
            # to try each of them first would only cost.
            run = 1 if at - begin >= run else min(2 * run, MAX_RUN)
            for record in every[at : at + run]:
                fold.take(record)
            fold.settle()
            at = min(at + run, len(every))

    return track
