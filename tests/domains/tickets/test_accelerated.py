"""A faster fold takes what it can; whatever it leaves, the results are those of Python alone."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.core.record import Record
from conscope_app.domains.tickets import tracking
from conscope_app.domains.tickets.accelerated import PlainFold, accelerated
from conscope_app.domains.tickets.tracking import HeldUnreadable, Tracked
from tests.factories import a_record

SLAB: list[Record] = [a_record(at, seat=str(at % 3), price=100 + at % 7) for at in range(1_000)]


def taking(is_plain: Callable[[Record], bool], tries: list[int]) -> PlainFold:
    """A plain fold that is Python's own, for the records that it is told to take."""

    def plain(
        records: list[Record],
        start: int,
        held: Callable[[bytes], bytes | None],
        partition: int,
        partition_of: Callable[[bytes], int],
        _unreadable: Callable[[bytes, Exception], HeldUnreadable],
        tracked: Tracked,
        /,
    ) -> int:
        tries.append(start)
        rows = tracked.changes
        fold = tracking.Fold(
            lambda key: rows.get(key) or held(key), partition, partition_of, tracked
        )
        at = start
        while at < len(records) and is_plain(records[at]):
            fold.take(records[at])
            at += 1
        fold.settle()
        return at

    return plain


@given(st.sets(st.integers(0, 99)), st.integers(0, 100))
def test_who_takes_which_record_changes_nothing(left: set[int], length: int) -> None:
    """Rows of the one are what the other compares with, in both directions."""
    track = accelerated(taking(lambda record: record.offset not in left, []))
    slab = SLAB[:length]

    assert track(slab, lambda _: None, 0, lambda _: 0) == tracking.track(
        slab, lambda _: None, 0, lambda _: 0
    )


def test_an_iterator_is_taken_too() -> None:
    track = accelerated(taking(lambda record: record.offset % 2 == 0, []))

    assert len(track(iter(SLAB), lambda _: None, 0, lambda _: 0).processed) == len(SLAB)


@pytest.mark.parametrize(
    ("is_plain", "most"),
    [
        pytest.param(lambda _: True, 1, id="all are plain"),
        pytest.param(lambda record: record.offset % 100 != 50, 11, id="one in a hundred is not"),
        pytest.param(lambda _: False, 20, id="none is plain"),
        pytest.param(lambda record: record.offset >= 500, 15, id="a flood that ends"),
    ],
)
def test_a_flood_of_others_is_not_tried_one_by_one(
    is_plain: Callable[[Record], bool], most: int
) -> None:
    """The plain fold is asked seldom where it has nothing to take, and soon again where it has."""
    tries: list[int] = []
    accelerated(taking(is_plain, tries))(SLAB, lambda _: None, 0, lambda _: 0)

    assert len(tries) <= most


def test_a_table_that_cannot_be_read_ends_the_run() -> None:
    """Also where Python looks up what was left to it."""

    def broken(_: bytes) -> bytes:
        raise OSError("too many open files")

    with pytest.raises(HeldUnreadable, match="too many open files"):
        accelerated(taking(lambda _: False, []))(SLAB, broken, 0, lambda _: 0)
