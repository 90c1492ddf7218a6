"""Raw records once more, for what they leave in the table alone."""

from decimal import Decimal
from pathlib import Path

import pytest

from conscope_app.rebuild.copies import Copies
from conscope_app.rebuild.retrace import Retrace
from conscope_app.rebuild.rules import PRICES
from conscope_app.stream.progress import Progress
from conscope_app.stream.table_partition import TablePartition
from tests.factories import ARecord, a_record


@pytest.fixture
def rows(tmp_path: Path) -> TablePartition:
    return TablePartition(tmp_path / "table-0")


@pytest.fixture
def retrace(rows: TablePartition) -> Retrace:
    return Retrace(0, lambda _key: 0, rows, Progress(0), PRICES.track)


def copy_of(record: ARecord, *, value: bytes | None = None) -> ARecord:
    mark = f"{record.partition}-{record.offset}".encode()
    key = a_record(seat="8").key
    headers = (("conscope.rekeyed-from", mark),)
    return ARecord(key, value or record.value, offset=100, headers=headers)


def test_records_leave_rows_counts_and_refusals(rows: TablePartition, retrace: Retrace) -> None:
    """As their owner had counted them; the seat's newest price stays."""
    first, second = a_record(0, price=Decimal(100)), a_record(2, price=Decimal(80))

    retrace.take([first, ARecord(b"k", b"bad", offset=1)])
    retrace.take([second])

    assert retrace.progress == Progress(
        3,
        {"records": 3, "new": 1, "dead": 1, "dead:not_json": 1, "drop": 1},
        refused_bits=b"\x02",
    )
    assert b"80" in (rows.get(first.key or b"") or b"")


def test_a_record_at_the_end_was_taken_if_its_copy_is_there(retrace: Retrace) -> None:
    """Only re-keyed records, one after the other, up to the first that was not."""
    records = [a_record(at, key=b"theirs") for at in range(3)]
    copies = Copies()
    for record in (records[0], records[2]):
        copies.note(copy_of(record))

    assert not retrace.take_copied(records, copies)

    assert retrace.progress.next_offset == 1
    assert retrace.progress.counts == {"records": 1, "rekeyed": 1}


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(b"0-0", id="a mark on another value"),
        pytest.param(b"0-nonsense", id="no mark"),
        pytest.param(b"0-99999999999999999999", id="a mark that no log reaches"),
    ],
)
def test_a_mark_alone_proves_nothing(retrace: Retrace, forged: bytes) -> None:
    """Any sender can write a header; the record is left to the workers."""
    record = a_record(0, key=b"theirs")
    copies = Copies()
    copies.note(ARecord(b"k", b"another value", headers=(("conscope.rekeyed-from", forged),)))

    assert not retrace.take_copied([record], copies)

    assert retrace.progress.next_offset == 0


def test_a_good_record_at_the_end_is_left_to_the_workers(retrace: Retrace) -> None:
    """Nothing names it: it was not processed."""
    assert not retrace.take_copied([a_record(0)], Copies())
    assert retrace.progress == Progress(0)
