"""A Faust table whose partitions are written by transactions and read by everyone."""

from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import faust

from conscope_app.stream.formats import FIRST_FORMAT
from conscope_app.stream.table_partition import Size, TablePartition

# What the hot rows of all partitions may take together: the native kernel holds a million seats'.
# Where not all fit that are asked for, detection moved at two thirds of its rate (make bench).
HOT_BYTES = 112 << 20


class DurableTable(faust.Table[bytes, bytes]):
    """A changelog-backed table of bytes; `app.Table(name, …)` makes one.

    It is listed by `faust tables` and read like any table: `table[key]`, `table.items()`. It holds
    the partitions that this worker owns right now, once they are restored. Assigning to it is
    refused: rows change only through a slab's outcome, which reaches the changelog and this
    worker's disk in one transaction with the source position.

    `row_format` is the number of the format that this version writes rows in; it reads that one
    and every earlier one. `hot_bytes` is what the rows used last may take in memory.
    """

    def __init__(
        self,
        *args: Any,
        row_format: int = FIRST_FORMAT,
        hot_bytes: int = HOT_BYTES,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.row_format = row_format
        self._hot_bytes = hot_bytes
        self.open_partitions: dict[int, TablePartition] = {}

    @property
    def changelog(self) -> str:
        """The name of the changelog topic."""
        return str(self.changelog_topic.get_topic_name())

    @property
    def data(self) -> MutableMapping[bytes, bytes]:  # type: ignore[override]  # Faust's own type names its store
        return _OpenRows(self.open_partitions)

    def open(self, partition: int) -> TablePartition:
        """Open a partition's database on this worker's disk, for its owner to restore."""
        return TablePartition(
            Path(self.app.conf.tabledir) / f"{self.name}-{partition}",
            hot_bytes=self._hot_bytes // (self.partitions or 1),
        )

    def show(self, partition: int, rows: TablePartition) -> None:
        """Let everyone read the partition: it is restored, and this version can read it."""
        self.open_partitions[partition] = rows

    def release(self, partition: int, rows: TablePartition) -> None:
        """Close a partition's database; one that its next owner has opened since stays open."""
        if self.open_partitions.get(partition) is rows:
            del self.open_partitions[partition]
        rows.close()

    def size(self) -> Size:
        """How much this worker holds of it, over all the partitions that it owns right now."""
        sizes = [rows.size() for rows in self.open_partitions.values()]
        return Size(sum(each.rows for each in sizes), sum(each.bytes for each in sizes))

    def on_key_set(self, key: Any, value: Any) -> None:
        raise TypeError(f"rows of {self.name} change through a slab's outcome, not by assignment")

    def on_key_del(self, key: Any) -> None:
        raise TypeError(f"rows of {self.name} change through a slab's outcome, not by deletion")


class _OpenRows(MutableMapping[bytes, bytes]):
    """The rows of all open partitions, for reading."""

    def __init__(self, partitions: dict[int, TablePartition]) -> None:
        self._partitions = partitions

    def __getitem__(self, key: bytes) -> bytes:
        for partition in list(self._partitions.values()):
            value = partition.get(key)
            if value is not None:
                return bytes(value)
        raise KeyError(key)

    def __iter__(self) -> Iterator[bytes]:
        for partition in list(self._partitions.values()):
            yield from (row[0] for row in partition.items())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __setitem__(self, key: bytes, value: bytes) -> None:
        raise TypeError("rows change through a slab's outcome, not by assignment")

    def __delitem__(self, key: bytes) -> None:
        raise TypeError("rows change through a slab's outcome, not by deletion")
