"""What a person says: these two are one, these two are not, this one is not of its group."""

from datetime import datetime
from itertools import combinations

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.domains.tickets.matching.decisions import are_apart
from conscope_app.domains.tickets.matching.groups import Pair, State, pair_of
from conscope_app.domains.tickets.matching.profiles import profile_of
from conscope_app.domains.tickets.matching.venues import Aliases
from conscope_app.store.engine import Connection
from conscope_app.store.matches.events import read_events
from conscope_app.store.matches.pairs import Standing, put_pairs
from conscope_app.store.matches.regrouping import AreApart, Around, regroup
from conscope_app.store.matches.turns import wait_turn

PERSON = "person"


class Contradicted(ValueError):
    """It contradicts what persons said of other pairs; the message names them."""


class NoSuchEvent(LookupError):
    """Nobody knows an event of this id."""


class NotGrouped(LookupError):
    """The event is in no group, so that it cannot be taken out of one."""


class Rulings:
    """A person's rulings; each is a transaction of its own, and again changes nothing.

    Rules never change what a person said of a pair.
    """

    def __init__(self, connection: Connection, *, aliases: Aliases, now: datetime) -> None:
        self._connection = connection
        self._aliases = aliases
        self._now = now

    def merge(self, one: str, other: str, *, by: str, why: str) -> None:
        """The two are one. Raises `Contradicted`, `NoSuchEvent`, or ValueError for one event."""
        self._rule([pair_of(one, other)], State.MERGED, by, why)

    def keep_apart(self, one: str, other: str, *, by: str, why: str) -> None:
        """The two are not one, whatever they look like; merged ones are split. Raises the same."""
        self._rule([pair_of(one, other)], State.APART, by, why)

    def split(self, event_id: str, *, by: str, why: str) -> None:
        """The event is none of its group: it is kept apart from each other one of it."""
        with self._connection.cursor() as cursor:
            wait_turn(cursor)
            former = Around(cursor, [event_id]).former
            if event_id not in former:
                raise NotGrouped(f"{event_id!r} is in no group")
            group = former[event_id].group_id
            others = (each for each in former if former[each].group_id == group)
            pairs = [pair_of(event_id, each) for each in others if each != event_id]
            self._write(cursor, pairs, State.APART, by, why)

    def _rule(self, pairs: list[Pair], state: State, by: str, why: str) -> None:
        with self._connection.cursor() as cursor:
            wait_turn(cursor)
            ids = {each for pair in pairs for each in pair}
            known = {each.event_id for each in read_events(cursor, ids)}
            if unknown := sorted(ids - known):
                raise NoSuchEvent(f"there is no event {unknown[0]!r}")
            self._write(cursor, pairs, state, by, why)

    def _write(self, cursor: Cursor, pairs: list[Pair], state: State, by: str, why: str) -> None:
        ids = {each for pair in pairs for each in pair}
        around = Around(cursor, ids)
        said = []
        for pair in pairs:
            names = around.pairs[pair].names if pair in around.pairs else 0.0
            new = Standing(pair, state, by, PERSON, why, names)
            if new != around.pairs.get(pair):
                said.append(new)
        put_pairs(cursor, said, self._now)
        around = Around(cursor, around.ids)
        held = regroup(cursor, around, self._apart_by_rules(cursor, around), self._now)
        for each in held:
            one, other = each.pair
            apart = f"{each.against.one} and {each.against.other} are kept apart"
            raise Contradicted(f"{one} and {other} are merged by a person, but {apart}")

    def _apart_by_rules(self, cursor: Cursor, around: Around) -> AreApart:
        events = read_events(cursor, around.ids)
        profiles = {each.event_id: profile_of(each, self._aliases) for each in events}
        apart = {
            pair_of(one, other)
            for one, other in combinations(profiles, 2)
            if are_apart(profiles[one], profiles[other])
        }
        return lambda one, other: pair_of(one, other) in apart
