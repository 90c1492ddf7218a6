"""A dead letter keeps the record as it came, and says why and from where."""

from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conscope_app.core.ids import RecordId
from conscope_app.core.refusal import Reason
from conscope_app.stream.dead_letters import (
    MAX_DEAD_BYTES,
    MAX_MESSAGE_CHARACTERS,
    MAX_RAW_BYTES,
    dead_letter,
    parse,
    replay_headers,
    replay_marker,
    replayed_id,
)
from conscope_app.stream.outcome import Output


@dataclass
class Raw:
    """A record that cannot be taken."""

    value: bytes | None = b"\xff"
    key: bytes | None = b"seat"
    headers: tuple[tuple[str, bytes], ...] = (("trace", b"\x00\xff"),)
    topic: str = "raw_prices"
    partition: int = 3
    offset: int = 17
    timestamp: int = 0


ORIGIN = RecordId("raw_prices", 3, 17)


def wrap(record: Raw, message: str = "it is no JSON") -> Output:
    """The record's dead letter."""
    return dead_letter(record, Reason.NOT_JSON, message, stage="VALUE_CONVERTER", connector="a")


def test_the_record_is_kept_as_it_came_under_connects_header_names() -> None:
    """Key, value and headers unchanged; ours follow."""
    letter = wrap(Raw())

    assert (letter.key, letter.value) == (b"seat", b"\xff")
    assert letter.headers == (
        ("trace", b"\x00\xff"),
        ("__connect.errors.topic", b"raw_prices"),
        ("__connect.errors.partition", b"3"),
        ("__connect.errors.offset", b"17"),
        ("__connect.errors.connector.name", b"a"),
        ("__connect.errors.stage", b"VALUE_CONVERTER"),
        ("__connect.errors.exception.class.name", b"conscope_app.core.refusal.Refused"),
        ("__connect.errors.exception.message", b"it is no JSON"),
        ("conscope.reason", b"not_json"),
    )


@example(value=None, key=b"k", message="", headers=(("conscope.cut", b"all of it"),))
@given(
    value=st.none() | st.binary(),
    key=st.none() | st.binary(),
    message=st.text(),
    headers=st.lists(st.tuples(st.text(min_size=1), st.binary())).map(tuple),
)
def test_whatever_a_record_holds_its_letter_can_be_read(
    value: bytes | None,
    key: bytes | None,
    message: str,
    headers: tuple[tuple[str, bytes], ...],
) -> None:
    """Origin, reason and message come back, also past headers of the record with our names."""
    headers = (*headers, ("__connect.errors.offset", b"of another"), ("conscope.reason", b"old"))
    letter = wrap(Raw(value, key, headers), message)
    said = parse(letter.headers)

    assert (letter.key, letter.headers[: len(headers)]) == (key, headers)
    assert letter.value == (b"" if key is None and value is None else value)
    assert (said.origin, said.reason, said.cut) == (ORIGIN, "not_json", None)
    assert said.message == message[:MAX_MESSAGE_CHARACTERS]


def test_a_message_is_cut() -> None:
    """A message that quotes a whole record does not fill the topic."""
    said = parse(wrap(Raw(), "é" * 5_000).headers)

    assert said.message == "é" * MAX_MESSAGE_CHARACTERS


def test_half_a_character_in_a_message_is_written_out() -> None:
    """A lone surrogate cannot be UTF-8."""
    assert parse(wrap(Raw(), "a\ud800").headers).message == "a\\ud800"


def test_the_largest_raw_record_is_kept_whole() -> None:
    """What fits raw_prices fits the dead letters with our headers."""
    letter = wrap(Raw(b"x" * MAX_RAW_BYTES), "é" * 5_000)

    assert letter.value == b"x" * MAX_RAW_BYTES
    assert parse(letter.headers).cut is None
    assert _size(letter) < MAX_DEAD_BYTES


def test_the_framing_of_many_headers_counts() -> None:
    """A flood of tiny headers is small in text and large on the wire: it is cut too."""
    letter = wrap(Raw(b"x", b"k", [("a", b"")] * 400_000))

    assert parse(letter.headers).cut is not None
    assert len(letter.headers) < 20


def test_a_record_that_was_unpacked_larger_than_any_topic_takes_is_cut() -> None:
    """The sizes are told; the headers of its own are gone."""
    letter = wrap(Raw(b"x" * MAX_DEAD_BYTES, b"k" * 100_000))

    assert letter.value == b"x" * 65_536
    assert letter.key == b"k" * 65_536
    assert parse(letter.headers).cut == "key 100000, value 3145740, headers 17 bytes"
    assert _size(letter) < MAX_DEAD_BYTES


def _size(letter: Output) -> int:
    headers = sum(len(name) + len(content) for name, content in letter.headers)
    return len(letter.key or b"") + len(letter.value or b"") + headers


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param((), id="none"),
        pytest.param((("__connect.errors.topic", b"raw_prices"),), id="only some"),
        pytest.param((*wrap(Raw()).headers, ("__connect.errors.offset", b"x")), id="no number"),
    ],
)
def test_a_foreign_record_is_no_dead_letter(headers: tuple[tuple[str, bytes], ...]) -> None:
    """It is told apart instead of being guessed at."""
    with pytest.raises(ValueError, match=r"missing|invalid literal"):
        parse(headers)


def test_a_replayed_record_loses_what_we_added_and_says_where_it_came_from() -> None:
    """Also the marks of an earlier replay or re-keying."""
    marks = (("conscope.replayed-from", b"0-0"), ("conscope.rekeyed-from", b"0-1"))
    letter = wrap(Raw(headers=(("trace", b"1"), *marks)))

    assert replay_headers(letter.headers, ORIGIN) == [
        ("trace", b"1"),
        ("conscope.replayed-from", b"3-17"),
    ]


def test_a_marker_names_what_was_replayed() -> None:
    """A letter whose record brought such a header along is no marker."""
    marker = replay_marker(b"seat", ORIGIN)
    disguised = wrap(Raw(headers=tuple(marker.headers)))

    assert (marker.key, marker.value) == (b"seat", b"raw_prices-3-17")
    assert replayed_id(marker.headers) == ORIGIN
    assert replayed_id(disguised.headers) is None
    assert replayed_id(()) is None
