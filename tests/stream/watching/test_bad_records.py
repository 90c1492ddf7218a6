"""A record that cannot be used is refused, and stops no other."""

from datetime import datetime
from typing import Any

import pytest

from conscope_app.alerting.watches.control import RECORDED_AT, SIGNAL
from conscope_app.stream import books as books_module
from conscope_app.stream.held_books import BooksUnreadable
from tests.alerting.watches.stories import a_watch
from tests.stream.watch_logs import Partition, WatchedLog


@pytest.mark.parametrize(
    ("value", "headers", "reason"),
    [
        pytest.param(b"{", (), "not_json", id="no JSON"),
        pytest.param(None, (), "no_value", id="nothing"),
        pytest.param(b'{"event_id":"\xff"}', (), "not_text", id="no text"),
        pytest.param(b"{}", (), "wrong_type", id="no price"),
        pytest.param(b"{}", ((SIGNAL, b"made"),), "wrong_type", id="no watch"),
        pytest.param(b"{}", ((SIGNAL, b"later"),), "wrong_type", id="of a kind that is unknown"),
        pytest.param(b"{}", ((RECORDED_AT, b"noon"),), "bad_timestamp", id="at no time"),
    ],
)
def test_a_bad_record_is_refused_and_stops_no_other(
    partition: Partition,
    log: WatchedLog,
    value: bytes | None,
    headers: tuple[tuple[str, bytes], ...],
    reason: str,
) -> None:
    watched = partition.take_rest(
        log.price(120).made(a_watch()).add(b"evt", value, *headers).price(90)
    )

    assert [(at, why.reason) for at, _, why in watched.refused] == [(2, reason)]
    assert watched.counts == {"records": 4, "raised": 1, "dead": 1, f"dead:{reason}": 1}


def test_a_record_that_fails_half_way_leaves_no_trace(
    partition: Partition, log: WatchedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its book is read again as it was, with what earlier records of the slab had changed."""
    original: Any = vars(books_module)["observe"]

    def observe(book: Any, index: Any, signal: Any, now: datetime, **options: Any) -> Any:
        outcome = original(book, index, signal, now, **options)
        if getattr(signal, "place", None) == 3:
            raise ZeroDivisionError("as a defect might")
        return outcome

    monkeypatch.setattr(books_module, "observe", observe)
    watched = partition.take_rest(log.price(120).made(a_watch()).price(110).price(90).price(80))

    assert [why.message for _, _, why in watched.refused] == [
        "ZeroDivisionError: as a defect might"
    ]
    assert partition.told() == ["raised w 80"]
    assert partition.reopen().take_rest(log.price(70)).decisions[0].verdict == "updated"


def test_rows_that_cannot_be_read_are_no_records_fault(
    partition: Partition, log: WatchedLog
) -> None:
    """The worker has to end: all records of the event would be refused."""
    partition.take_rest(log.price(120).made(a_watch()))
    key = next(key for key, _ in partition.rows.items() if key.startswith(b'["evt","i"'))
    partition.rows.write([(key, b"\xff\xff")], 0)

    with pytest.raises(BooksUnreadable, match="evt"):
        partition.reopen().take_rest(log.price(90))
