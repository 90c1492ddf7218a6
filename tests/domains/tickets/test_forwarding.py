"""Which processed prices go to the watches, and where."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.domains.tickets.detection import track
from conscope_app.domains.tickets.forwarding import Forwarding
from conscope_app.domains.tickets.seat_key import event_of, event_parts, seat_key
from conscope_app.domains.tickets.tracking import Sent
from tests.factories import ARecord, a_record


class Subjects:
    """A board with these subjects on it."""

    def __init__(self, *subjects: str) -> None:
        self.changes = 0
        self.subjects = set(subjects)

    def __bool__(self) -> bool:
        return bool(self.subjects)

    def concerns(self, subject: str) -> bool:
        return "*" in self.subjects or subject in self.subjects


def partition_of(key: bytes) -> int:
    """A partition that shows which key it was asked for."""
    return len(key)


def nothing_held(_key: bytes) -> None:
    """A table without rows."""


def forwarded(board: Subjects, *records: ARecord) -> dict[int, list[Sent]]:
    """What is forwarded of these raw records, all of them in partition 0."""
    tracked = track(list(records), nothing_held, 0, lambda _key: 0)
    return Forwarding(board, partition_of).forwarded(tracked, records)


def record(offset: int, event_id: str, **fields: Any) -> ARecord:
    """A raw price of an event; its time shows its offset."""
    made = a_record(offset, event_id=event_id, **fields)
    return ARecord(made.key, made.value, offset=offset, timestamp=made.timestamp + offset)


def test_watched_prices_go_as_they_are_with_the_time_of_their_raw_record() -> None:
    first, other, second = record(0, "a"), record(1, "b"), record(2, "a", price=Decimal(80))
    tracked = track([first, other, second], nothing_held, 0, lambda _key: 0)

    found = forwarded(Subjects("a"), first, other, second)

    values = [tracked.processed[at][1] for at in (0, 2)]
    assert found == {
        1: [
            (b"a", value, (("conscope.recorded_at", b"%d" % each.timestamp),))
            for value, each in zip(values, (first, second), strict=True)
        ]
    }


def test_the_times_are_those_of_the_records_that_were_taken() -> None:
    """Others of the slab were refused, or put under their right key."""
    bad, foreign = ARecord(b"k", b"no JSON", offset=0), record(1, "a", key=b"theirs")

    ((_, value, headers),) = forwarded(Subjects("a"), bad, foreign, record(2, "a"))[1]

    assert msgspec.json.decode(value)["id"] == "raw_prices-0-2"
    assert headers == (("conscope.recorded_at", b"%d" % record(2, "a").timestamp),)


def test_every_event_goes_where_its_id_belongs() -> None:
    found = forwarded(Subjects("*"), *(record(at, "e" * (at + 1)) for at in range(3)))

    assert {partition: [key for key, _, _ in sent] for partition, sent in found.items()} == {
        1: [b"e"],
        2: [b"ee"],
        3: [b"eee"],
    }


def test_nothing_is_looked_at_while_nothing_is_watched() -> None:
    class Untouchable:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"{name} was asked for")

    assert Forwarding(Subjects(), partition_of).forwarded(Untouchable(), ()) == {}  # type: ignore[arg-type]


def test_what_is_watched_now_counts() -> None:
    """What was remembered of an event is forgotten with a change of the board."""
    board = Subjects("b")
    forwarding = Forwarding(board, partition_of)
    tracked = track([record(0, "a")], nothing_held, 0, lambda _key: 0)
    assert forwarding.forwarded(tracked, [record(0, "a")]) == {}

    board.subjects.add("a")
    board.changes += 1

    assert forwarding.forwarded(tracked, [record(0, "a")]).keys() == {1}


@pytest.mark.parametrize("strange", ['","', '"', "\\", '\\","', 'a\\"', ",", "é", "\\\\", '["'])
def test_an_event_is_read_from_the_key_of_its_seat(strange: str) -> None:
    (part,) = event_parts([seat_key(strange, strange, strange, strange, strange)])

    assert event_of(part) == strange


@given(st.text(min_size=1), st.text(min_size=1), st.text(), st.text())
def test_keys_have_the_same_part_just_where_the_event_is_the_same(
    event: str, other: str, source: str, seat: str
) -> None:
    part, others = event_parts(
        [seat_key(event, source, "s", "r", seat), seat_key(other, seat, "s", "r", source)]
    )

    assert event_of(part) == event
    assert (others == part) == (other == event)
