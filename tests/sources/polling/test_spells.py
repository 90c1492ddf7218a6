"""Which spells of ill health people are told of: long ones, once, and then their end."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.sources.polling.health import Health
from conscope_app.sources.polling.spells import (
    ILL_AFTER,
    WELL_AFTER,
    News,
    Spell,
    go_on,
    news_of,
    told,
)
from tests.sources.polling.adapters import NOON

WELL = Health("healthy", "3 events are known")
ILL = Health("failing", "answered with 500")
SECOND = timedelta(seconds=1)
NONE = Spell()


def heard(*seen: tuple[timedelta, Health], spell: Spell = NONE) -> tuple[list[News], Spell]:
    """What people hear where this is seen, each so long after noon."""
    found = []
    for after, health in seen:
        now = NOON + after
        spell = go_on(spell, health, now)
        if (news := news_of(spell)) is not None:
            found.append(news)
            spell = told(spell)
    return found, spell


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param([(timedelta(0), WELL)], id="well"),
        pytest.param([(timedelta(0), ILL)], id="one sight"),
        pytest.param([(timedelta(0), ILL), (ILL_AFTER - SECOND, ILL)], id="shortly"),
        pytest.param([(timedelta(0), ILL), (SECOND, WELL), (ILL_AFTER, WELL)], id="one failure"),
        pytest.param(
            [(timedelta(0), ILL), (SECOND, WELL), (SECOND + WELL_AFTER, WELL), (ILL_AFTER, ILL)],
            id="two that have nothing to do with each other",
        ),
    ],
)
def test_what_does_not_last_is_told_to_nobody(seen: list[tuple[timedelta, Health]]) -> None:
    assert heard(*seen)[0] == []


def test_what_lasts_is_told_once_with_when_it_began() -> None:
    """However often it is seen."""
    found, spell = heard(*((SECOND * each, ILL) for each in range(0, 3_600, 30)))

    assert found == [News("source_unhealthy", NOON)]
    assert spell == Spell(NOON, told=True)


def test_a_source_that_answers_now_and_then_is_not_well() -> None:
    """It fails each four minutes: that is one spell."""
    found, _ = heard(*((timedelta(minutes=each), WELL if each % 4 else ILL) for each in range(60)))

    assert found == [News("source_unhealthy", NOON)]


def test_another_kind_of_trouble_goes_on_with_the_spell() -> None:
    """Half of it late, half of it failing."""
    late = Health("late", "it has not answered yet")

    assert heard((timedelta(0), late), (ILL_AFTER / 2, ILL), (ILL_AFTER, late))[0] == [
        News("source_unhealthy", NOON)
    ]


def test_a_key_that_is_not_accepted_is_told_at_once() -> None:
    """Nobody but a person can do something about it."""
    barred = Health("not authorised", "the key was answered with 401")

    assert heard((timedelta(0), barred))[0] == [News("source_unhealthy", NOON)]


def test_that_it_is_well_is_told_when_it_stays_so() -> None:
    """Since when it is; before, any failure begins that time anew."""
    ill = Spell(NOON - ILL_AFTER, told=True)
    again = WELL_AFTER - SECOND

    found, spell = heard(
        (timedelta(0), WELL),
        (again, ILL),
        (again + SECOND, WELL),
        (WELL_AFTER + SECOND, WELL),
        (again + SECOND + WELL_AFTER, WELL),
        (timedelta(hours=1), WELL),
        spell=ill,
    )

    assert found == [News("source_healthy", NOON + again + SECOND)]
    assert spell == Spell()


@given(st.lists(st.tuples(st.integers(1, 900), st.booleans()), max_size=60))
def test_beginnings_and_ends_are_told_in_turns(steps: list[tuple[int, bool]]) -> None:
    """Each later than the one before it, so that watches take none for one they know."""
    seen, after = [], timedelta(0)
    for seconds, is_well in steps:
        after += SECOND * seconds
        seen.append((after, WELL if is_well else ILL))

    found, spell = heard(*seen)

    assert [each.what for each in found] == [
        "source_healthy" if place % 2 else "source_unhealthy" for place in range(len(found))
    ]
    assert all(one.since < other.since for one, other in pairwise(found))
    assert spell.told == bool(len(found) % 2)


@given(
    st.lists(st.tuples(st.integers(1, 900), st.booleans()), max_size=40),
    st.dictionaries(st.integers(0, 40), st.sampled_from(["before", "noted", "told"])),
)
def test_a_kill_anywhere_repeats_news_and_loses_none(
    steps: list[tuple[int, bool]], kills: dict[int, str]
) -> None:
    """The same is told again with the same moment; every beginning is followed by its end."""
    now, stored = NOON, Spell()
    found: list[News] = []
    for place, (seconds, is_well) in enumerate(steps):
        now += SECOND * seconds
        spell = go_on(stored, WELL if is_well else ILL, now)
        if kills.get(place) == "before":
            continue
        stored = spell
        news = news_of(spell)
        if news is None or kills.get(place) == "noted":
            continue
        found.append(news)
        if kills.get(place) != "told":
            stored = told(spell)

    turns = list(dict.fromkeys(found))
    assert all(one.since < other.since for one, other in pairwise(turns))
    assert [each.what for each in turns] == [
        "source_healthy" if place % 2 else "source_unhealthy" for place in range(len(turns))
    ]
    is_known = stored.told or stored.telling is not None
    assert is_known or len(turns) % 2 == 0
