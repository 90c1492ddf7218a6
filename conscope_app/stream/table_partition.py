"""One partition of a durable table, in RocksDB on this worker's disk."""

import logging
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, cast

import rocksdict

from conscope_app.stream.hot_rows import hot_rows
from conscope_app.stream.progress import POSITION_KEY, Progress, decode_progress

logger = logging.getLogger(__name__)

# The next changelog offset to apply. Only here, never in the changelog itself.
CHANGELOG_KEY = b"__changelog__"
RESERVED = frozenset((POSITION_KEY, CHANGELOG_KEY))

# RocksDB's defaults are per database and meant for a server of its own; a worker opens one
# database per partition (faust-streaming's default would be a 2 GiB cache each).
BLOCK_CACHE_BYTES = 2 << 20
WRITE_BUFFER_BYTES = 2 << 20
# Small write buffers make small files. RocksDB would merge after every fourth, and so rewrite what
# lies below them more often.
FILES_BEFORE_MERGING = 15
MAX_OPEN_FILES = 128

# For who does not say how much memory its hot rows may take.
FEW_HOT_BYTES = 256 << 10

# How RocksDB's messages of damage begin: what is written is not what is read, or a file is gone.
# A lock that is held, a full disk or a lack of permission begin otherwise.
_DAMAGE = ("Corruption:", "IO error: No such file or directory")


class Size(NamedTuple):
    """How much a partition holds: its rows as RocksDB reckons, and bytes."""

    rows: int
    bytes: int


class TablePartition:
    """The rows of one partition, and how far the changelog has been applied to them.

    Writes are atomic and survive a killed process (RocksDB's log is on, not synced); after a power
    failure the changelog brings back what the disk lost. A database that is damaged is begun anew
    when it is opened. Damage that shows later is raised, and the database begun anew when it is
    opened the next time: whoever meets it ends the process.

    The rows used last are held in memory as well. RocksDB lets nobody else write while it is open
    here, so they are what the disk holds: filled by what was read from it and by what it has
    taken, and dropped where that is in doubt.
    """

    def __init__(self, path: Path, *, hot_bytes: int = FEW_HOT_BYTES) -> None:
        self._path = path
        self._hot = hot_rows(hot_bytes)
        self._condemned = path.with_name(f"{path.name}.damaged")
        path.parent.mkdir(parents=True, exist_ok=True)
        if self._condemned.exists():
            self._remove("it was damaged when it was last open")
        try:
            self._db = _open(path)
        except Exception as error:  # rocksdict has no class of its own for RocksDB's errors
            if not _is_damage(error):
                raise
            self._remove(str(error))
            self._db = _open(path)

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, None where there is none."""
        value = self._hot.get(key)
        if value is None:
            try:
                value = cast("bytes | None", self._db.get(key))
            except Exception as error:
                self._condemn(error)
                raise
            if value is not None:
                self._hot.put(key, value)
        return value

    @property
    def changelog_offset(self) -> int:
        """The next changelog offset that has not been applied here."""
        value = self.get(CHANGELOG_KEY)
        return 0 if value is None else int.from_bytes(value, "big")

    @property
    def progress(self) -> Progress | None:
        """How far the source has been read; None where nothing was ever written."""
        value = self.get(POSITION_KEY)
        return None if value is None else decode_progress(value)

    def write(
        self, changes: Iterable[tuple[bytes, bytes | None]], next_changelog_offset: int
    ) -> None:
        """Apply changes (None deletes) together with the changelog offset that follows them."""
        rows = [*changes, (CHANGELOG_KEY, next_changelog_offset.to_bytes(8, "big"))]
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in rows:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        with self._watched():
            self._db.write(batch)
        self._hot.put_all(rows)

    def size(self) -> Size:
        """How much there is, without reading it: a row that was written again may count twice."""
        return Size(
            rows=self._property("rocksdb.estimate-num-keys"),
            bytes=self._property("rocksdb.total-sst-files-size")
            + self._property("rocksdb.cur-size-all-mem-tables"),
        )

    def _property(self, name: str) -> int:
        value: int | None = self._db.property_int_value(name)
        if value is None:
            raise LookupError(f"RocksDB knows no {name}")
        return value

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

    def prefixed(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The rows whose keys begin so, in order; as with `items`, not across an await."""
        for row in self._rows(prefix):
            if not row[0].startswith(prefix):
                return
            yield row

    def _rows(self, start: bytes | None) -> Iterator[tuple[bytes, bytes]]:
        last = start
        with self._watched():
            # In raw mode keys and values are bytes; rocksdict's types also tell of its other mode.
            for row in cast("Iterator[tuple[bytes, bytes]]", self._db.items(from_key=start)):
                last = row[0]
                yield row
            self._raise_if_cut_short(last)

    def _raise_if_cut_short(self, last: bytes | None) -> None:
        """At damage, rocksdict's iterator ends as if it were the end; RocksDB's own says why."""
        rest = self._db.iter()
        try:
            if last is None:
                rest.seek_to_first()
            else:
                rest.seek(last)
                if rest.valid():
                    rest.next()
            rest.status()
        finally:
            del rest  # the error's traceback would keep it, and it keeps the database open

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self._condemn(error)
            raise

    def _condemn(self, error: Exception) -> None:
        """Have the database begun anew when it is opened next: opening does not read all of it."""
        self._hot.clear()  # whether it took what it was given is unknown
        if _is_damage(error):
            logger.critical("%s is damaged: %s", self._path, error)
            self._condemned.touch()

    def close(self) -> None:
        """Close the database, which frees its lock."""
        self._hot.clear()
        self._db.close()

    def wipe(self) -> None:
        """Remove everything and begin anew."""
        self._hot.clear()
        self._db.close()
        shutil.rmtree(self._path)
        self._db = _open(self._path)

    def _remove(self, why: str) -> None:
        logger.critical(
            "%s is damaged and begun anew; the changelog brings its rows back: %s", self._path, why
        )
        if self._path.exists():
            shutil.rmtree(self._path)
        self._condemned.unlink(missing_ok=True)


def _open(path: Path) -> rocksdict.Rdict:
    return rocksdict.Rdict(str(path), _options())


def _is_damage(error: Exception) -> bool:
    return str(error).startswith(_DAMAGE)


def _options() -> rocksdict.Options:
    options = rocksdict.Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_write_buffer_size(WRITE_BUFFER_BYTES)
    options.set_max_write_buffer_number(2)
    options.set_max_open_files(MAX_OPEN_FILES)
    options.set_keep_log_file_num(2)
    options.set_level_zero_file_num_compaction_trigger(FILES_BEFORE_MERGING)
    table = rocksdict.BlockBasedOptions()
    table.set_block_cache(rocksdict.Cache(BLOCK_CACHE_BYTES))
    options.set_block_based_table_factory(table)
    return options
