import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.domains.tickets.seat_key import Seat, parse_seat_key, seat_key

parts = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=20)


@given(st.tuples(parts, parts, parts, parts, parts))
def test_a_key_reads_back_into_its_parts(seat: tuple[str, str, str, str, str]) -> None:
    """Whatever the parts hold, no part can run into the next."""
    assert parse_seat_key(seat_key(*seat)) == Seat(*seat)


@pytest.mark.parametrize("key", [b"", b"[]", b"seat1", b'["a","b","c","d"]'])
def test_other_bytes_are_no_key(key: bytes) -> None:
    """Bytes that `seat_key` did not make are an error."""
    with pytest.raises(ValueError):
        parse_seat_key(key)
