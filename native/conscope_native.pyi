from collections.abc import Callable, Sequence
from datetime import datetime

from conscope_app.core.record import Record
from conscope_app.domains.tickets.tracking import HeldUnreadable, Tracked
from conscope_app.store.tickets.rows import HistoryRow

VERSION: int
LAST_SEEN_FORMAT: int

def fold(
    records: list[Record],
    start: int,
    held: Callable[[bytes], bytes | None],
    partition: int,
    partition_of: Callable[[bytes], int],
    unreadable: Callable[[bytes, Exception], HeldUnreadable],
    tracked: Tracked,
    /,
) -> int: ...
def history_rows(
    records: list[Record],
    make: Callable[[str, datetime, str, str, str, str | None], HistoryRow],
    /,
) -> list[HistoryRow | None]: ...

class HotRows:
    def __init__(self, most_bytes: int) -> None: ...
    def get(self, key: bytes, /) -> bytes | None: ...
    def put(self, key: bytes, value: bytes | None, /) -> None: ...
    def put_all(self, rows: list[tuple[bytes, bytes | None]], /) -> None: ...
    def clear(self) -> None: ...

class RecordBatch:
    count: int
    size: int
    def __init__(self, timestamp_ms: int) -> None: ...
    def take(
        self,
        outputs: list[tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes | None]]]],
        start: int,
        most_bytes: int,
    ) -> int: ...
    def sealed(self, producer_id: int, epoch: int, base_sequence: int) -> bytes: ...
