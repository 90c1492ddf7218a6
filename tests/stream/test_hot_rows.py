from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.stream.hot_rows import HotRows

ROW = 202  # bytes, as they are counted, of a key and a value of one byte each


def a_few(rows: int) -> HotRows:
    """Room for this many rows in each generation."""
    return HotRows(2 * rows * ROW)


def keep(hot: HotRows, keys: Iterable[int]) -> None:
    for key in keys:
        hot.put(bytes([key]), b"x")


def test_what_is_asked_for_stays() -> None:
    """However many rows come by, one that is asked for now and then is held."""
    hot = a_few(10)
    hot.put(b"!", b"1")

    for start in range(100, 200, 5):
        keep(hot, range(start, start + 5))

        assert hot.get(b"!") == b"1"


def test_memory_is_bounded() -> None:
    """What nobody asks for makes way: never more than both generations and the row that came."""
    hot = a_few(10)

    keep(hot, range(256))

    held = [key for key in range(256) if hot.get(bytes([key])) is not None]
    assert len(held) <= 22
    assert held[-1] == 255


def test_a_row_that_grows_takes_what_it_takes() -> None:
    """The same few rows, longer and longer: not all of them fit any more."""
    hot = a_few(10)

    for size in range(1, 1_000, 50):
        for key in range(10):
            hot.put(bytes([key]), b"x" * size)

    assert sum(hot.get(bytes([key])) is not None for key in range(10)) < 10


@pytest.mark.parametrize("most_bytes", [0, 3 * ROW, 100 * ROW])
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.none() | st.binary(min_size=1, max_size=1) | st.just("?"))
    )
)
def test_a_row_is_as_it_was_last_put(
    most_bytes: int, steps: list[tuple[int, bytes | str | None]]
) -> None:
    """What is held is never an older value of the row, nor one that was taken away."""
    hot = HotRows(most_bytes)
    truth: dict[bytes, bytes | None] = {}
    for number, value in steps:
        key = bytes([number])
        if isinstance(value, str):
            assert hot.get(key) in (None, truth.get(key))
        else:
            hot.put(key, value)
            truth[key] = value

    assert all(hot.get(key) in (None, value) for key, value in truth.items())
