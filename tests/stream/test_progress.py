import msgspec
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.stream.progress import (
    WINDOW,
    Progress,
    decode_progress,
    encode_progress,
)


def test_counters_add_up_and_the_position_follows() -> None:
    """Each slab adds its counts; the position is where the last one ended."""
    progress = Progress(0).advance(10, {"records": 10, "drop": 2}, [], 10)
    progress = progress.advance(15, {"records": 4}, [], 4)

    assert progress.next_offset == 15
    assert progress.counts == {"records": 14, "drop": 2}


def test_what_retention_removed_is_counted() -> None:
    """A slab that starts behind the position leaves a gap that somebody must hear of."""
    progress = Progress(10).advance(40, {}, [], 5, start=30)

    assert progress.skipped == 20


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 7))
def test_the_window_remembers_records_in_order(refused: list[bool], size: int) -> None:
    """However records are cut into slabs, the last thousand are the same."""

    def fold(of: int) -> Progress:
        progress = Progress(0)
        for begin in range(0, len(refused), of):
            run = refused[begin : begin + of]
            progress = progress.advance(0, {}, [i for i, bad in enumerate(run) if bad], len(run))
        return progress

    assert fold(size) == fold(len(refused) + 1)


def test_half_of_the_last_thousand_is_the_limit() -> None:
    """Exactly half is borne; one more is too many; older records do not count."""
    half = Progress(0).advance(0, {}, list(range(WINDOW // 2)), WINDOW)
    more = Progress(0).advance(0, {}, list(range(WINDOW // 2 + 1)), WINDOW)

    assert not half.too_many_refused(0.5)
    assert more.too_many_refused(0.5)
    assert not more.advance(0, {}, [], WINDOW).too_many_refused(0.5)
    assert not more.too_many_refused(1)


def test_a_single_bad_record_at_the_start_is_no_alarm() -> None:
    """The share is of a full thousand, however few records there were."""
    assert not Progress(0).advance(1, {}, [0], 1).too_many_refused(0.5)


def test_the_newest_format_is_remembered() -> None:
    """Who has once written newer rows has left some of them, whatever is written since."""
    progress = Progress(0).advance(1, {}, [], 1, written_in=3).advance(2, {}, [], 1, written_in=2)

    assert progress.format == 3


def test_progress_of_an_earlier_version_reads() -> None:
    """Fields that it did not have are as they were then: rows of the first format."""
    progress = decode_progress(msgspec.msgpack.encode([7, {"records": 7}, b"", 0]))

    assert progress == Progress(7, {"records": 7})
    assert progress.format == 1


def test_progress_of_a_later_version_reads() -> None:
    """A version that knows more adds fields at the end: the format must still be found."""
    later = [*msgspec.structs.astuple(Progress(7, format=9)), {"of a later version": True}]

    assert decode_progress(msgspec.msgpack.encode(later)).format == 9


def test_progress_reads_back() -> None:
    """What the changelog keeps is what was written."""
    progress = Progress(3).advance(9, {"records": 6}, [1, 5], 6)

    assert decode_progress(encode_progress(progress)) == progress
