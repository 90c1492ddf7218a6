from collections.abc import Callable, Sequence

from conscope_app.core.record import Record
from conscope_app.domains.tickets.tracking import HeldUnreadable, Tracked

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
