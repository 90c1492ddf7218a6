import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.domains.tickets.seat_key import (
    SAYS_NOTHING,
    Seat,
    is_unnamed,
    parse_seat_key,
    says_nothing,
    seat_key,
)

parts = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=20)


@given(st.tuples(parts, parts, parts, parts, parts))
def test_a_key_reads_back_into_its_parts(seat: tuple[str, str, str, str, str]) -> None:
    """Whatever the parts hold, no part can run into the next."""
    assert parse_seat_key(seat_key(*seat)) == Seat(*seat)


@given(st.tuples(parts, parts, parts, parts), parts, parts)
def test_a_listing_counts_only_where_the_seat_says_nothing(
    place: tuple[str, str, str, str], seat: str, listing_id: str
) -> None:
    """So the key of a seat that is given is what it ever was; others read back with the listing."""
    key = seat_key(*place, seat, listing_id)

    counts = says_nothing(seat) and not says_nothing(listing_id)
    assert parse_seat_key(key) == Seat(*place, seat, listing_id if counts else "")
    assert (key == seat_key(*place, seat)) is not counts


@pytest.mark.parametrize(
    ("seat", "listing_id", "expected"),
    [
        pytest.param("8", "l-1", b'["e","s","F","1","8"]', id="a seat"),
        pytest.param("8", None, b'["e","s","F","1","8"]', id="a seat and no listing"),
        pytest.param("", "l-1", b'["e","s","F","1","","l-1"]', id="no seat"),
        pytest.param(" n/A ", "l-1", b'["e","s","F","1"," n/A ","l-1"]', id="spaces and case"),
        pytest.param("GA", None, b'["e","s","F","1","GA"]', id="neither"),
        pytest.param("GA", "", b'["e","s","F","1","GA"]', id="an empty listing"),
        pytest.param("GA", "Unknown", b'["e","s","F","1","GA"]', id="a listing that says nothing"),
        pytest.param("un\u212anown", "l-1", '["e","s","F","1","un\u212anown"]'.encode(), id="no K"),
        pytest.param("GA 1", "l-1", b'["e","s","F","1","GA 1"]', id="something more"),
    ],
)
def test_general_admission_is_told_apart_by_its_listing(
    seat: str, listing_id: str | None, expected: bytes
) -> None:
    assert seat_key("e", "s", "F", "1", seat, listing_id) == expected


def test_the_words_are_written_as_they_are_looked_up() -> None:
    for word in SAYS_NOTHING:
        assert word.isascii()
        assert word == word.strip(" ").lower()
        assert is_unnamed(f" {word.upper()} ", None)


@pytest.mark.parametrize("key", [b"", b"[]", b"seat1", b'["a","b","c","d"]'])
def test_other_bytes_are_no_key(key: bytes) -> None:
    """Bytes that `seat_key` did not make are an error."""
    with pytest.raises(ValueError):
        parse_seat_key(key)
