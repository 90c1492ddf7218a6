"""How far a partition has been read, and what came of it: kept with its state, in one transaction.

Because the counters travel with the position, the totals on a page are exact: they survive
restarts, and moving to another worker, without counting anything twice.
"""

import msgspec

from conscope_app.stream.formats import FIRST_FORMAT

# How many records the bad ones are weighed against, see `too_many_refused`.
WINDOW = 1_000


class Progress(msgspec.Struct, frozen=True, array_like=True):
    """The record under `POSITION_KEY` of a table's partition. New fields go last, with a default.

    `refused_bits` holds the last `WINDOW` records, newest in the lowest bit: 1 where refused.
    """

    next_offset: int
    counts: dict[str, int] = {}
    refused_bits: bytes = b""
    skipped: int = 0  # offsets that retention had removed before they were read
    format: int = FIRST_FORMAT  # the newest that rows of the partition were ever written in
    generation: str = ""  # grows out of a rebuild: what disks hold of another one is void

    def advance(
        self,
        next_offset: int,
        counts: dict[str, int],
        refused_at: list[int],
        records: int,
        *,
        start: int | None = None,
        written_in: int = FIRST_FORMAT,
    ) -> "Progress":
        """The progress after a slab of `records`, of which those at `refused_at` were refused.

        `start` is where the slab's claim begins: what lies before it was removed unread.
        `written_in` is the format of the rows that are written with it.
        """
        total = dict(self.counts)
        for name, count in counts.items():
            total[name] = total.get(name, 0) + count
        bits = int.from_bytes(self.refused_bits, "big") << records
        for index in refused_at:
            bits |= 1 << (records - 1 - index)
        bits &= (1 << WINDOW) - 1
        return msgspec.structs.replace(
            self,
            next_offset=next_offset,
            counts=total,
            refused_bits=bits.to_bytes((bits.bit_length() + 7) // 8, "big"),
            skipped=self.skipped + (0 if start is None else start - self.next_offset),
            format=max(self.format, written_in),
        )

    def too_many_refused(self, limit: float) -> bool:
        """Whether more than this share of the last `WINDOW` records was refused."""
        return int.from_bytes(self.refused_bits, "big").bit_count() > limit * WINDOW


POSITION_KEY = b"__position__"

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Progress).decode


def encode_progress(progress: Progress) -> bytes:
    """The bytes under `POSITION_KEY`, in the table and in its changelog."""
    return _encode(progress)


def decode_progress(value: bytes) -> Progress:
    """Read them back."""
    return _decode(value)
