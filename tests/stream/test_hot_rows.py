from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.core.native import NATIVE
from conscope_app.stream.hot_rows import HotRows, PythonHotRows
from tests.native import needs_native

Make = Callable[[int], HotRows]

# Bytes, as they are counted, of a key and a value of one byte each.
PYTHON_ROW, NATIVE_ROW = 202, 46


@pytest.fixture(scope="module", params=["python", pytest.param("native", marks=needs_native)])
def made(request: pytest.FixtureRequest) -> tuple[Make, int]:
    """How they are made, and what a row counts."""
    if request.param == "python":
        return PythonHotRows, PYTHON_ROW
    return NATIVE.kernel.HotRows, NATIVE_ROW


@pytest.fixture
def hot(made: tuple[Make, int]) -> HotRows:
    """Room for twenty rows."""
    make, row = made
    return make(2 * 10 * row)


def keep(hot: HotRows, keys: Iterable[int]) -> None:
    for key in keys:
        hot.put(bytes([key]), b"x")


def test_what_is_asked_for_stays(hot: HotRows) -> None:
    """However many rows come by, one that is asked for now and then is held."""
    hot.put(b"!", b"1")

    for start in range(100, 200, 5):
        keep(hot, range(start, start + 5))

        assert hot.get(b"!") == b"1"


def test_memory_is_bounded(hot: HotRows) -> None:
    """What nobody asks for makes way: never more than there is room for and what just came."""
    keep(hot, range(256))

    held = [key for key in range(256) if hot.get(bytes([key])) is not None]
    assert len(held) <= 22
    assert held[-1] == 255


def test_a_row_that_grows_takes_what_it_takes(hot: HotRows) -> None:
    """The same few rows, longer and longer: not all of them fit any more."""
    for size in range(1, 1_000, 50):
        for key in range(10):
            hot.put(bytes([key]), b"x" * size)

    assert sum(hot.get(bytes([key])) is not None for key in range(10)) < 10


@needs_native
def test_all_that_fits_is_held() -> None:
    """In whatever order it is written and asked for."""
    hot = NATIVE.kernel.HotRows(200 * NATIVE_ROW)

    keep(hot, range(200))
    for _ in range(3):
        for key in range(0, 200, 7):
            hot.put(bytes([key]), b"y")
        assert all(hot.get(bytes([key])) is not None for key in range(200))


@pytest.mark.parametrize("rows", [0, 3, 100])
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.none() | st.binary(min_size=1, max_size=1) | st.just("?"))
    )
)
def test_a_row_is_as_it_was_last_put(
    made: tuple[Make, int], rows: int, steps: list[tuple[int, bytes | str | None]]
) -> None:
    """What is held is never an older value of the row, nor one that was taken away."""
    make, row = made
    hot = make(rows * row)
    truth: dict[bytes, bytes | None] = {}
    for number, value in steps:
        key = bytes([number])
        if isinstance(value, str):
            assert hot.get(key) in (None, truth.get(key))
        else:
            hot.put(key, value)
            truth[key] = value

    assert all(hot.get(key) in (None, value) for key, value in truth.items())
