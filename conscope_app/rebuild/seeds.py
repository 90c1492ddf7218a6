"""What each seat begins with, gathered on this disk."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from conscope_app.domains.tickets.pricing import LastSeen, encode_last_seen
from conscope_app.rebuild.changelog import Row
from conscope_app.stream.table_partition import TablePartition

_ROWS_A_PAGE = 2_000
_PREFIX = 2  # bytes: the partition, before each key


class Seeds:
    """Prices of all partitions in one database, in bounded memory."""

    def __init__(self, path: Path, partition_of: Callable[[bytes], int]) -> None:
        self._path = path
        self._partition_of = partition_of
        self._rows = TablePartition(path)

    def gather(self, prices: Iterable[Sequence[tuple[bytes, LastSeen]]]) -> None:
        """Take prices; those of a seat that was gathered before replace the earlier ones."""
        for page in prices:
            self._rows.write(
                [
                    (self._partition_of(key).to_bytes(_PREFIX, "big") + key, encode_last_seen(last))
                    for key, last in page
                ],
                0,
            )

    def pages(self, partition: int) -> Iterator[Sequence[Row]]:
        """The rows of a partition, by seat key."""
        prefix = after = partition.to_bytes(_PREFIX, "big")
        while page := self._rows.page(after, _ROWS_A_PAGE):
            own = [(key[_PREFIX:], value) for key, value in page if key.startswith(prefix)]
            if not own:
                return
            yield own
            after = page[-1][0]

    def close(self) -> None:
        """Let go of what was gathered."""
        self._rows.close()
        shutil.rmtree(self._path)
