"""Groups follow from pairs, keep their ids, and never hold what is apart."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from conscope_app.domains.tickets.matching.groups import (
    Grouped,
    Grouping,
    Link,
    Membership,
    State,
    pair_of,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
EVENTS = "abcdef"
Former = dict[str, Membership]


def merged(pair: str, *, by_person: bool = False, strength: float = 100.0) -> Link:
    return Link(pair_of(*pair), State.MERGED, by_person, strength)


def apart(pair: str) -> Link:
    return Link(pair_of(*pair), State.APART, by_person=True)


def grouped(
    *links: Link,
    former: Former | None = None,
    are_apart: Callable[[str, str], bool] = lambda *_: False,
    now: datetime = NOON,
) -> Grouped:
    return Grouping(are_apart, former or {}).group(links, now)


def ids(found: Grouped) -> dict[str, str]:
    return {event_id: member.group_id for event_id, member in found.members.items()}


def test_what_is_one_with_the_same_is_one() -> None:
    assert ids(grouped(merged("ab"), merged("bc"))) == {"a": "a", "b": "a", "c": "a"}


def test_a_group_keeps_its_id_as_it_grows() -> None:
    """Even if who joins has the lesser id."""
    former = grouped(merged("cd")).members

    found = grouped(merged("cd"), merged("bc"), former=former, now=NOON + timedelta(days=1))

    assert ids(found) == {"b": "c", "c": "c", "d": "c"}
    assert found.members["d"].joined_at == NOON


def test_of_two_groups_the_older_ones_id_stays() -> None:
    former = grouped(merged("cd")).members
    former |= grouped(merged("ab"), now=NOON + timedelta(days=1)).members

    found = grouped(merged("ab"), merged("cd"), merged("bc"), former=former)

    assert set(ids(found).values()) == {"c"}


def test_a_group_is_not_called_as_who_left_it() -> None:
    former = grouped(merged("ab"), merged("bc"), merged("ac")).members

    found = grouped(apart("ab"), apart("ac"), merged("bc"), former=former)

    assert ids(found) == {"b": "b", "c": "b"}


def test_a_merge_that_would_join_what_is_apart_is_held() -> None:
    """A and B, B and C are one, A and C are not: the surer of the two merges is made."""
    found = grouped(merged("ab", strength=96), merged("bc", strength=99), apart("ac"))

    assert ids(found) == {"b": "b", "c": "b"}
    assert [(each.pair, each.against) for each in found.held] == [(("a", "b"), ("a", "c"))]


def test_what_the_rules_have_apart_holds_a_rule_and_not_a_person() -> None:
    def are_apart(one: str, other: str) -> bool:
        return {one, other} == {"a", "c"}

    by_rules = grouped(merged("ab"), merged("bc"), are_apart=are_apart)
    by_person = grouped(merged("ab"), merged("bc", by_person=True), are_apart=are_apart)

    assert len(by_rules.members) == 2
    assert [each.pair for each in by_person.held] == [("a", "b")]


def test_a_persons_merge_comes_before_surer_ones() -> None:
    found = grouped(merged("bc"), merged("ab", by_person=True, strength=10), apart("ac"))

    assert ids(found) == {"a": "a", "b": "a"}


PAIRS = st.sampled_from([f"{one}{other}" for one, other in combinations(EVENTS, 2)])
LINKS = st.lists(
    st.builds(
        lambda pair, state, by_person, strength: Link(pair_of(*pair), state, by_person, strength),
        PAIRS,
        st.sampled_from(State),
        st.booleans(),
        st.integers(95, 100).map(float),
    ),
    unique_by=lambda link: link.pair,
    max_size=15,
)


@given(LINKS, st.randoms(use_true_random=False))
def test_groups_hold_nothing_that_is_apart_and_lose_no_merge(
    links: list[Link], random: object
) -> None:
    """In whatever order the pairs come: each merge is made, or held with what speaks against it."""
    found = grouped(*links)
    turned = list(links)
    random.shuffle(turned)  # type: ignore[attr-defined]  # hypothesis' own Random

    assert grouped(*turned) == found
    of = ids(found)
    for link in links:
        one, other = link.pair
        together = of.get(one, one) == of.get(other, other)
        if link.state is State.APART:
            assert not together
        if link.state is State.MERGED:
            assert together or link.pair in {each.pair for each in found.held}
    for group in set(of.values()):
        assert of[group] == group, "a group is called as one of its members"


@given(LINKS, LINKS)
def test_a_groups_id_stays_while_its_namesake_is_in_it(
    before: list[Link], after: list[Link]
) -> None:
    former = grouped(*before).members
    now = grouped(*after, former=former, now=NOON + timedelta(hours=1)).members

    for event_id, member in now.items():
        was = former.get(event_id)
        if was is None or was.group_id == member.group_id:
            continue
        namesake = now.get(was.group_id)
        if namesake is not None and namesake.group_id == member.group_id:
            # Two groups became one: the older one's id stayed.
            assert former[member.group_id].joined_at <= was.joined_at
