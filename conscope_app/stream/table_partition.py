"""One partition of a durable table, in RocksDB on this worker's disk."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

import rocksdict

from conscope_app.stream.progress import POSITION_KEY, Progress, decode_progress

# The next changelog offset to apply. Only here, never in the changelog itself.
CHANGELOG_KEY = b"__changelog__"
RESERVED = frozenset((POSITION_KEY, CHANGELOG_KEY))

# RocksDB's defaults are per database and meant for a server of its own; a worker opens one
# database per partition (faust-streaming's default would be a 2 GiB cache each).
BLOCK_CACHE_BYTES = 32 << 20
WRITE_BUFFER_BYTES = 8 << 20
MAX_OPEN_FILES = 128


class TablePartition:
    """The rows of one partition, and how far the changelog has been applied to them.

    Writes are atomic and survive a killed process (RocksDB's log is on, not synced); after a power
    failure the changelog brings back what the disk lost.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = rocksdict.Rdict(str(path), _options())
        self.get = self._db.get  # bound once: it is called for each record

    @property
    def changelog_offset(self) -> int:
        """The next changelog offset that has not been applied here."""
        value = self._db.get(CHANGELOG_KEY)
        return 0 if value is None else int.from_bytes(value, "big")

    @property
    def progress(self) -> Progress | None:
        """How far the source has been read; None where nothing was ever written."""
        value = self._db.get(POSITION_KEY)
        return None if value is None else decode_progress(value)

    def write(
        self, changes: Iterable[tuple[bytes, bytes | None]], next_changelog_offset: int
    ) -> None:
        """Apply changes (None deletes) together with the changelog offset that follows them."""
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in changes:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(CHANGELOG_KEY, next_changelog_offset.to_bytes(8, "big"))
        self._db.write(batch)

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """The rows, in the order of their keys, without the two reserved ones.

        An unfinished iterator keeps the database open: never hold one across an await.
        """
        yield from (row for row in self._rows(None) if row[0] not in RESERVED)

    def page(self, after: bytes | None, limit: int) -> list[tuple[bytes, bytes]]:
        """Up to `limit` rows that follow the key `after`."""
        rows: list[tuple[bytes, bytes]] = []
        for key, value in self._rows(after):
            if key != after and key not in RESERVED:
                rows.append((key, value))
                if len(rows) == limit:
                    break
        return rows

    def _rows(self, start: bytes | None) -> Iterator[tuple[bytes, bytes]]:
        # In raw mode keys and values are bytes; rocksdict's types also tell of its other mode.
        return cast("Iterator[tuple[bytes, bytes]]", self._db.items(from_key=start))

    def close(self) -> None:
        """Close the database, which frees its lock."""
        self._db.close()

    def wipe(self) -> None:
        """Remove everything and begin anew."""
        self._db.close()
        shutil.rmtree(self._path)
        self._db = rocksdict.Rdict(str(self._path), _options())
        self.get = self._db.get


def _options() -> rocksdict.Options:
    options = rocksdict.Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_write_buffer_size(WRITE_BUFFER_BYTES)
    options.set_max_write_buffer_number(2)
    options.set_max_open_files(MAX_OPEN_FILES)
    options.set_keep_log_file_num(2)
    table = rocksdict.BlockBasedOptions()
    table.set_block_cache(rocksdict.Cache(BLOCK_CACHE_BYTES))
    options.set_block_based_table_factory(table)
    return options
