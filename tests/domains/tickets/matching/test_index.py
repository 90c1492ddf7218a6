"""What is found by place and day is all that comparing everything would find."""

from conscope_app.domains.tickets.matching.decisions import Verdict, decide
from conscope_app.domains.tickets.matching.index import MOST_AT_A_VENUE, Index, shows_of
from conscope_app.domains.tickets.matching.profiles import Profile, profile_of
from conscope_app.domains.tickets.matching.venues import Aliases
from tests.domains.tickets.matching.labelled import Side, an_event, labelled_pairs


def profiles(aliases: Aliases) -> tuple[list[Profile], list[Profile]]:
    pairs = labelled_pairs()[::2]  # all with all of them takes a second
    here = [profile_of(an_event(pair.one, "seatgeek"), aliases) for pair in pairs]
    there = [profile_of(an_event(pair.other, "ticketmaster"), aliases) for pair in pairs]
    return (
        [each._replace(event_id=f"one-{at}") for at, each in enumerate(here)],
        [each._replace(event_id=f"other-{at}") for at, each in enumerate(there)],
    )


def test_nothing_that_would_match_is_missed(aliases: Aliases) -> None:
    here, there = profiles(aliases)
    index = Index()
    for profile in here:
        index.add(profile)

    found = {
        (other.event_id, profile.event_id): decision.verdict
        for profile in there
        for other, decision in index.matches(profile)
    }

    for one in here:
        for other in there:
            several = index.has_several(one) or index.has_several(other)
            verdict = decide(one, other, several_shows=several).verdict
            assert found.get((one.event_id, other.event_id), Verdict.APART) is verdict
    assert index.compared < len(here) * len(there) / 20


def test_what_was_removed_or_replaced_is_not_found(aliases: Aliases) -> None:
    side = Side(name="Wilco", venue="Salt Shed", city="Chicago", date="2027-05-15", time="19:00")
    one = profile_of(an_event(side, "seatgeek"), aliases)
    other = profile_of(an_event(side, "ticketmaster"), aliases)
    index = Index()
    index.add(one)
    assert [each.event_id for each, _ in index.matches(other)] == [one.event_id]

    index.add(one._replace(when=one.when._replace(day=one.when.day + 30)))
    assert list(index.matches(other)) == []

    index.remove(one.event_id)
    assert len(index) == 0
    assert index.__dict__["_places"] == {}


def test_two_shows_of_a_day_know_of_each_other(aliases: Aliases) -> None:
    """Parking beside a show is no second one."""
    index = Index()
    for number, name in enumerate(("Wilco", "Wilco", "Wilco Parking")):
        side = Side(name=name, venue="Salt Shed", city="Chicago", date="2027-05-15")
        profile = profile_of(an_event(side, "seatgeek"), aliases)
        index.add(profile._replace(event_id=f"{number}"))

    assert index.has_several(index.get("0"))
    assert not index.has_several(index.get("2"))
    assert {id_ for show in shows_of(index.get("0")) for id_ in index.shows_at(show)} == {"0", "1"}
    index.remove("1")
    assert not index.has_several(index.get("0"))


def test_a_place_with_too_many_events_of_a_day_is_none(aliases: Aliases) -> None:
    """Nobody compares all with all, and the city still finds what is there."""
    index = Index()
    side = Side(name="Wilco", venue="Online", city="", date="2027-05-15", time="19:00")
    profile = profile_of(an_event(side, "seatgeek"), aliases)
    for number in range(MOST_AT_A_VENUE):
        index.add(profile._replace(event_id=f"{number}"))
    assert len(list(index.near(profile))) == MOST_AT_A_VENUE

    in_town = profile._replace(event_id="in town", place=profile.place._replace(city="graz"))
    index.add(in_town)

    assert list(index.near(profile)) == []
    assert list(index.near(in_town._replace(event_id="another"))) == [in_town]
