"""What a person says of a pair holds, against the rules too, and leaves a trace."""

from collections.abc import Callable
from functools import partial

import pytest

from conscope_app.domains.tickets.matching.aliases import aliases_with
from conscope_app.store.engine import Connection, Database
from conscope_app.store.matches.matching import EventMatching
from conscope_app.store.matches.rulings import (
    Contradicted,
    NoSuchEvent,
    NotGrouped,
    Rulings,
)
from tests.store.matches.matched import NOW, Known

pytestmark = pytest.mark.postgres

PAIR = ("seatgeek-1", "ticketmaster-1")


class Person:
    """Says things, each in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def _say(self, what: Callable[[Rulings], None]) -> None:
        def work(connection: Connection) -> None:
            what(Rulings(connection, aliases=aliases_with(), now=NOW))

        await self._database.run(work)

    async def merge(self, one: str, other: str) -> None:
        await self._say(partial(Rulings.merge, one=one, other=other, by="Ada", why="seen"))

    async def keep_apart(self, one: str, other: str) -> None:
        await self._say(partial(Rulings.keep_apart, one=one, other=other, by="Ada", why="seen"))

    async def split(self, event_id: str) -> None:
        await self._say(partial(Rulings.split, event_id=event_id, by="Ada", why="seen"))


@pytest.fixture
def person(database: Database) -> Person:
    return Person(database)


async def test_what_a_person_split_no_rule_merges_again(
    known: Known, matching: EventMatching, person: Person
) -> None:
    """Not even when the facts change and come back."""
    known.event("seatgeek-1")
    known.event("ticketmaster-1")
    await matching.look()

    await person.split("ticketmaster-1")
    assert known.pairs() == {PAIR: ("apart", "Ada")}
    for date in ("2027-05-16", "2027-05-15"):
        known.event("seatgeek-1", local_date=date)
        await matching.look()

    assert known.groups() == {}
    assert known.pairs() == {PAIR: ("apart", "Ada")}
    assert known.trace() == [("merged", None), ("apart", "Ada")]


async def test_a_split_takes_one_out_and_leaves_the_others(
    known: Known, matching: EventMatching, person: Person
) -> None:
    for source in ("seatgeek", "stubhub", "ticketmaster"):
        known.event(f"{source}-1")
    await matching.look()
    assert set(known.groups().values()) == {"seatgeek-1"}

    await person.split("seatgeek-1")

    assert known.groups() == {"stubhub-1": "stubhub-1", "ticketmaster-1": "stubhub-1"}


async def test_a_person_merges_what_rules_would_not(
    known: Known, matching: EventMatching, person: Person
) -> None:
    """And it stays merged, whatever the rules find later; a ruling can be taken back."""
    known.event("seatgeek-1")
    known.event("ticketmaster-1", local_time="21:30")
    await matching.look()
    assert known.pairs() == {}

    await person.merge(*PAIR)
    await person.merge(*PAIR)
    known.event("ticketmaster-1", local_time="23:00")
    await matching.look()
    assert set(known.groups().values()) == {"seatgeek-1"}

    await person.keep_apart(*PAIR)
    assert known.groups() == {}
    assert known.trace() == [("merged", "Ada"), ("apart", "Ada")]


async def test_what_contradicts_another_persons_word_is_refused(
    known: Known, matching: EventMatching, person: Person
) -> None:
    """It would join two that are kept apart by way of a third. Nothing of it is kept."""
    for source, time in (("seatgeek", "19:00"), ("stubhub", "12:00"), ("ticketmaster", "19:00")):
        known.event(f"{source}-1", local_time=time)
    await matching.look()
    await person.merge(*PAIR)
    await person.keep_apart("seatgeek-1", "stubhub-1")
    before = known.pairs(), known.groups(), known.trace()

    with pytest.raises(Contradicted, match="seatgeek-1 and stubhub-1 are kept apart"):
        await person.merge("stubhub-1", "ticketmaster-1")

    assert (known.pairs(), known.groups(), known.trace()) == before


async def test_a_persons_merge_sends_a_rules_to_review(
    known: Known, matching: EventMatching, person: Person
) -> None:
    """Where both cannot be."""
    for source, time in (("seatgeek", "19:00"), ("stubhub", "12:00"), ("ticketmaster", "19:00")):
        known.event(f"{source}-1", local_time=time)
    await matching.look()
    assert known.groups().keys() == set(PAIR)

    await person.merge("stubhub-1", "ticketmaster-1")

    assert known.groups().keys() == {"stubhub-1", "ticketmaster-1"}
    assert known.pairs()[PAIR] == ("review", None)


async def test_a_ruling_lets_a_held_merge_through(
    known: Known, matching: EventMatching, person: Person
) -> None:
    """Once what spoke against it is out of the group."""
    for event_id in ("seatgeek-1", "seatgeek-2", "ticketmaster-1"):
        known.event(event_id)
    await matching.look()
    ((first,),) = known.tables.run(
        "SELECT event_id FROM event_match_members WHERE event_id LIKE 'seatgeek%%'"
    )

    await person.split(first)

    second = {"seatgeek-1", "seatgeek-2"} - {first}
    assert known.groups().keys() == {*second, "ticketmaster-1"}


async def test_what_is_not_there_is_said(known: Known, person: Person) -> None:
    known.event("seatgeek-1")

    with pytest.raises(NoSuchEvent, match="nothing"):
        await person.merge("seatgeek-1", "nothing")
    with pytest.raises(NotGrouped, match="seatgeek-1"):
        await person.split("seatgeek-1")
    with pytest.raises(ValueError, match="no pair"):
        await person.merge("seatgeek-1", "seatgeek-1")
    assert known.trace() == []
