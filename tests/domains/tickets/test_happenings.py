"""What happens to an event: in words, and as the record that watches read."""

import zlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from conscope_app.alerting.watches.control import SIGNAL, Happens, control_of
from conscope_app.alerting.watches.happening import OF_ITEMS
from conscope_app.core.refusal import Refused
from conscope_app.domains.tickets.happenings import (
    HAPPENINGS,
    NotAHappening,
    happening_of,
    happening_record,
    in_words,
    source_record,
    unknown,
)
from tests.factories import NOON, ARecord

NEW_YORK = {"time_zone": "America/New_York"}


def happens(kind: str = "on_sale", **details: str) -> Happens:
    return happening_of("evt", "seatgeek", kind, NOON, details)


@pytest.mark.parametrize("kind", sorted(set(HAPPENINGS) - OF_ITEMS))
def test_it_comes_back_from_its_record(kind: str) -> None:
    """Under its event's id, with a kind of its own in the header."""
    details = {"old": "2027-05-03T23:30:00Z", "new": "2027-05-04", "name": "Ärger 🎫"}
    key, value, headers = happening_record("evt", "seatgeek", kind, NOON, details)
    record = ARecord(key, value, headers=tuple(headers))

    assert control_of(record) == happens(kind, **details)
    assert (key, headers) == (b"evt", [(SIGNAL, b"happened")])


def test_the_same_gives_the_same_bytes() -> None:
    """Whoever forwards it again after a failure says the same."""
    one, other = (happening_record("e", "s", "cancelled", NOON, {}) for _ in range(2))

    assert zlib.crc32(one[1]) == zlib.crc32(other[1])


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        pytest.param(("e", "s", "vanished", NOON), "nothing that happens to an event", id="seat"),
        pytest.param(("e", "s", "on sale", NOON), "nothing that happens", id="no word"),
        pytest.param(("", "s", "on_sale", NOON), "have a name", id="no event"),
        pytest.param(("e", "s", "on_sale", NOON.replace(tzinfo=None)), "offset", id="no offset"),
    ],
)
def test_what_is_no_happening_is_refused(asked: tuple[Any, ...], sentence: str) -> None:
    with pytest.raises(NotAHappening, match=sentence):
        happening_of(*asked, {})


def test_a_later_kind_is_refused_and_not_misread() -> None:
    """As a version does that does not know this one."""
    record = ARecord(b"evt", b"{}", headers=((SIGNAL, b"happened later"),))

    with pytest.raises(Refused, match="no kind of control record"):
        control_of(record)


def test_two_sources_say_the_same_in_their_own_ways() -> None:
    """A move is one to the same moment, however it is written."""
    told = ["2027-05-04T23:30:00Z", "2027-05-04T19:30", "2027-05-04T19:30:00-04:00"]

    assert len({happens("rescheduled", new=each, **NEW_YORK).key for each in told}) == 1
    assert happens("rescheduled", new="2027-05-05T19:30", **NEW_YORK).key not in told


def test_how_a_source_is_doing_is_told_of_the_source() -> None:
    """Under a subject that no event has, with its reason in the words that people read."""
    key, value, headers = source_record("seatgeek", "source_unhealthy", NOON, "short, 3 of 10 came")
    said = control_of(ARecord(key, value, headers=tuple(headers)))

    assert isinstance(said, Happens)
    assert (key, said.subject, said.source) == (b"source:seatgeek", "source:seatgeek", "seatgeek")
    assert in_words(said.what, said.details) == (
        "What this source shows may be old: short, 3 of 10 came"
    )
    assert in_words(said.what, {}) == "What this source shows may be old"


def test_presales_are_told_apart_by_when_they_begin_or_by_name() -> None:
    fans = happens("presale_announced", name="Fans", new="2027-01-02T10:00:00Z")
    club = happens("presale_announced", name="Club", new="2027-01-02T10:00:00Z")
    unknown_yet = happens("presale_announced", name="Fans")

    assert fans.key == club.key != unknown_yet.key == "Fans"


def test_the_event_takes_place_at_its_new_time() -> None:
    moved = happens("rescheduled", new="2027-05-04T19:30", **NEW_YORK)
    sold = happens("on_sale", starts_at="2027-05-04T23:30:00Z")
    dated = happens("rescheduled", new="2027-05-04", **NEW_YORK)

    assert moved.takes_place_at == sold.takes_place_at == datetime(2027, 5, 4, 23, 30, tzinfo=UTC)
    assert dated.takes_place_at is None


def test_moments_are_utc() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=9)))

    assert happening_of("e", "s", "on_sale", there, {}).observed_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("kind", "details", "words"),
    [
        ("on_sale", {}, "On sale now"),
        ("few_left", {}, "Few tickets left"),
        ("back_on_sale", {}, "Back on sale"),
        (
            "rescheduled",
            {"old": "2025-05-03T23:30:00Z", "new": "2025-05-04T23:30:00Z", **NEW_YORK},
            "Moved from Sat 3 May 2025 19:30 to Sun 4 May 2025 19:30",
        ),
        (
            "rescheduled",
            {"old": "2025-05-03T23:30:00Z", "new": "2025-05-04T00:30:00Z"},
            "Moved from Sat 3 May 2025 23:30 UTC to Sun 4 May 2025 00:30 UTC",
        ),
        ("rescheduled", {"new": "2025-05-04"}, "Moved to Sun 4 May 2025"),
        ("rescheduled", {"old": "2025-05-04", "new": "soon"}, "Moved from Sun 4 May 2025 to soon"),
        ("rescheduled", {}, "Moved to another time"),
        (
            "rescheduled",
            {"old": "2025-05-03T19:30", "time_zone": "Mars/Olympus"},
            "Moved from Sat 3 May 2025 19:30",
        ),
        (
            "presale_announced",
            {"name": "Fans", "new": "2025-05-03T14:00:00Z", **NEW_YORK},
            "Presale announced: Fans, from Sat 3 May 2025 10:00",
        ),
        ("presale_began", {}, "Presale has begun"),
        ("venue_changed", {"old": "A", "new": "B"}, "Another venue: B, not A"),
        ("of_a_later_version", {}, "Of a later version"),
    ],
)
def test_in_words(kind: str, details: dict[str, str], words: str) -> None:
    """By the venue's clocks, where they are known."""
    assert in_words(kind, details) == words


def test_unknown_words_are_named() -> None:
    assert unknown([*HAPPENINGS, "on sale"]) == ["on sale"]
