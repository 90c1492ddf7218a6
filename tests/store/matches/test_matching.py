"""New and changed events are matched; what is matched is parted when the facts change."""

import pytest

from conscope_app.domains.tickets.matching import index
from conscope_app.domains.tickets.matching.aliases import aliases_with
from conscope_app.store.engine import Database
from conscope_app.store.matches import matching as job
from conscope_app.store.matches.matching import EventMatching, Looked
from tests.store.matches.matched import NOW, Known

pytestmark = pytest.mark.postgres


async def test_an_event_at_two_sources_becomes_one(known: Known, matching: EventMatching) -> None:
    """Once: a second look finds nothing new."""
    known.event("seatgeek-1")
    known.event("ticketmaster-1", name="Wilco: Cousin Tour", venue="The Salt Shed")
    known.event("ticketmaster-2", name="Wilco - Parking")

    assert await matching.look() == Looked(3, 3, is_done=True)
    assert known.pairs() == {("seatgeek-1", "ticketmaster-1"): ("merged", None)}
    assert known.groups() == {"seatgeek-1": "seatgeek-1", "ticketmaster-1": "seatgeek-1"}

    assert await matching.look() == Looked(0, 0, is_done=True)
    assert known.trace() == [("merged", None)]


async def test_what_is_only_near_is_for_review(known: Known, matching: EventMatching) -> None:
    known.event("seatgeek-1")
    known.event("ticketmaster-1", local_time="19:30")

    await matching.look()

    assert known.pairs() == {("seatgeek-1", "ticketmaster-1"): ("review", None)}
    assert known.groups() == {}


async def test_an_event_known_from_prices_is_matched(known: Known, matching: EventMatching) -> None:
    known.event("seatgeek-1", name="Madonna", venue="Madison Square Garden", city="New York")
    known.from_prices("concert-7", "Madonna", "MSG", "2027-05-15T19:00:00")
    known.from_prices("concert-8", "Madonna", "MSG", "2026-05-15T19:00:00")
    known.from_prices("concert-9", "Madonna", "MSG", None)

    await matching.look()

    assert known.groups() == {"concert-7": "concert-7", "seatgeek-1": "concert-7"}


async def test_a_moved_date_parts_what_a_rule_had_merged(
    known: Known, matching: EventMatching
) -> None:
    """And joins it again when the other source says so too."""
    known.event("seatgeek-1")
    known.event("ticketmaster-1")
    await matching.look()

    known.event("seatgeek-1", local_date="2027-06-20")
    await matching.look()
    assert (known.pairs(), known.groups()) == ({}, {})

    known.event("ticketmaster-1", local_date="2027-06-20")
    await matching.look()
    assert len(known.groups()) == 2
    assert [act for act, _ in known.trace()] == ["merged", "parted", "merged"]


async def test_a_second_show_makes_an_unknown_time_doubtful(
    known: Known, matching: EventMatching
) -> None:
    """Although neither of the two that were merged has changed."""
    known.event("seatgeek-1")
    known.event("ticketmaster-1", local_time=None)
    await matching.look()
    assert len(known.groups()) == 2

    known.event("seatgeek-2", local_time="22:00")
    await matching.look()

    assert known.groups() == {}
    assert set(known.pairs().values()) == {("review", None)}


async def test_two_of_one_source_do_not_become_one_by_a_third(
    known: Known, matching: EventMatching
) -> None:
    """The second merge waits for a person, and says what speaks against it."""
    known.event("seatgeek-1")
    known.event("seatgeek-2")
    known.event("ticketmaster-1")

    await matching.look()

    states = known.pairs()
    assert states["seatgeek-1", "seatgeek-2"] == ("review", None)
    assert sorted(state for state, _ in states.values()) == ["merged", "review", "review"]
    assert len(known.groups()) == 2
    ((detail,),) = known.tables.run("SELECT detail FROM event_match_pairs WHERE reason = 'group'")
    assert "seatgeek-1 and seatgeek-2" in detail


async def test_any_number_of_workers_match_as_one(
    known: Known, matching: EventMatching, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches, each whole; whoever starts anew does not compare again."""
    monkeypatch.setattr(job, "READ_AT_ONCE", 4)
    monkeypatch.setattr(job, "COMPARED_AT_ONCE", 3)
    another = EventMatching(database, aliases=aliases_with(), clock=lambda: NOW)
    for number in range(5):
        for source in ("seatgeek", "ticketmaster"):
            known.event(f"{source}-{number}", local_date=f"2027-05-{15 + number}")

    compared = 0
    for worker in (matching, another) * 12:
        looked = await worker.look()
        compared += looked.compared

    assert compared == 10
    assert looked == Looked(0, 0, is_done=True)
    assert len(set(known.groups().values())) == 5
    assert known.trace() == [("merged", None)] * 5


async def test_a_thousand_numbered_events_of_a_source_at_one_place_are_apart(
    known: Known, matching: EventMatching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few at once, so that no look takes long; and nobody has to review half a million pairs."""
    monkeypatch.setattr(job, "PAIRS_AT_ONCE", 1_000)
    for number in range(150):
        known.event(f"test-{number}", name=f"Test Event {number}", city="")

    looks = [await matching.look() for _ in range(50)]

    assert looks[0] == Looked(150, 7, is_done=False)
    assert sum(look.compared for look in looks) == 150
    assert looks[-1] == Looked(0, 0, is_done=True)
    assert known.pairs() == {}

    for number in range(150, 1_000):
        known.event(f"test-{number}", name=f"Test Event {number}", city="")
    assert await matching.look() == Looked(850, 850, is_done=True)


async def test_what_was_merged_stays_where_too_many_events_came(
    known: Known, matching: EventMatching, monkeypatch: pytest.MonkeyPatch
) -> None:
    known.event("seatgeek-1")
    known.event("ticketmaster-1")
    await matching.look()
    monkeypatch.setattr(index, "MOST_AT_A_VENUE", 3)
    monkeypatch.setattr(index, "MOST_IN_A_CITY", 3)
    for number in range(2, 5):
        known.event(f"seatgeek-{number}", name=f"Show {number}")
    known.event("ticketmaster-1", name="Wilco (18+)")

    await matching.look()

    assert known.groups() == {"seatgeek-1": "seatgeek-1", "ticketmaster-1": "seatgeek-1"}


async def test_another_table_of_names_has_all_compared_anew(
    known: Known, matching: EventMatching, database: Database
) -> None:
    """Although no event has changed."""
    known.event("seatgeek-1", venue="Old Hall", city="Graz")
    known.event("ticketmaster-1", venue="New Place", city="Graz")
    await matching.look()
    assert known.groups() == {}

    line = '{"name": "New Place", "city": "Graz", "also": ["Old Hall"], "reason": "renamed"}'
    another = EventMatching(database, aliases=aliases_with(line), clock=lambda: NOW)
    assert (await another.look()).compared == 2

    assert len(known.groups()) == 2
