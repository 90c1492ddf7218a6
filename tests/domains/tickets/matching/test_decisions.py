"""Whether two events are one: the reason is part of the answer."""

from typing import Any

import msgspec
import pytest

from conscope_app.domains.tickets.matching.decisions import Decision, Reason, Verdict, decide
from conscope_app.domains.tickets.matching.profiles import SourceEvent, profile_of
from conscope_app.domains.tickets.matching.venues import Aliases
from tests.domains.tickets.matching.labelled import Side, an_event

A_SHOW = Side(name="Wilco", venue="Salt Shed", city="Chicago", date="2027-05-15", time="19:00")


def between(aliases: Aliases, other: Side, one: Side = A_SHOW, **how: Any) -> Decision:
    several = how.pop("several_shows", False)
    mine, yours = an_event(one, "seatgeek"), an_event(other, how.pop("source", "ticketmaster"))
    mine = msgspec.structs.replace(
        mine, facts=msgspec.structs.replace(mine.facts, status=how.pop("status", None))
    )
    return decide(profile_of(mine, aliases), profile_of(yours, aliases), several_shows=several)


def but(**changes: Any) -> Side:
    return msgspec.structs.replace(A_SHOW, **changes)


@pytest.mark.parametrize(
    ("other", "verdict", "reason"),
    [
        pytest.param(but(), "merge", Reason.CERTAIN, id="the same"),
        pytest.param(but(time=None), "merge", Reason.ONLY_SHOW_THAT_DAY, id="no time yet"),
        pytest.param(but(date="2027-05-16"), "apart", Reason.OTHER_DAY, id="the next day"),
        pytest.param(but(time="21:30"), "apart", Reason.OTHER_START, id="later that day"),
        pytest.param(but(time="19:30"), "review", Reason.NEAR_START, id="doors and show"),
        pytest.param(but(city="Denver"), "apart", Reason.OTHER_VENUE, id="another town"),
        pytest.param(but(city=None), "review", Reason.VENUE_NEAR, id="no town"),
        pytest.param(but(name="Beck"), "apart", Reason.OTHER_NAME, id="somebody else"),
        pytest.param(but(name="Wilko"), "review", Reason.NAME_NEAR, id="a slip of a short name"),
        pytest.param(but(name="Wilco (Late Show)"), "review", Reason.MARKER, id="late at one"),
        pytest.param(but(name="Parking: Wilco"), "apart", Reason.MARKER, id="parking"),
        pytest.param(but(name="Wilco Tribute"), "apart", Reason.MARKER, id="a tribute"),
        pytest.param(but(venue="Salt Shed Parking Lots"), "apart", Reason.MARKER, id="the lots"),
    ],
)
def test_each_doubt_has_its_reason(
    other: Side, verdict: str, reason: Reason, aliases: Aliases
) -> None:
    found = between(aliases, other)

    assert (found.verdict, found.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Early Show", "Late Show"),
        ("Matinee", "Evening Performance"),
        ("Night 1", "Night 2"),
        ("Night One", "N2"),
        ("Game 1", "Game 2"),
        ("Part I", "Part II"),
        ("3-Day Pass", "Friday"),
        ("1st Show", "2nd Show"),
        ("Weekend 1", "Weekend Two"),
    ],
)
def test_markers_that_differ_keep_apart(one: str, other: str, aliases: Aliases) -> None:
    """Even with one date and no time, where nothing else tells the two from each other."""
    mine, yours = (but(name=f"Wilco - {each}", time=None) for each in (one, other))

    assert between(aliases, yours, mine)[:2] == (Verdict.APART, Reason.MARKER)


@pytest.mark.parametrize(
    "offer",
    [
        *("VIP Package", "Camping", "Hospitality", "Meet & Greet", "Shuttle Bus", "Parking Pass"),
        *("VIP", "Parkplatz", "Parkplätze", "Stationnement", "Estacionamiento", "Ticket + Hotel"),
        pytest.param("Par\u200bking", id="a blank of no width within"),
        pytest.param("Park\u00ading Pass", id="a soft hyphen within"),
    ],
)
def test_what_is_sold_beside_a_seat_is_not_the_show(offer: str, aliases: Aliases) -> None:
    assert between(aliases, but(name=f"Wilco {offer}")).verdict is Verdict.APART
    assert between(aliases, but(name=f"{offer}: Wilco")).verdict is Verdict.APART


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Duke Mens Basketball vs Carolina", "Duke Womens Basketball vs Carolina"),
        ("Arsenal v Chelsea", "Arsenal Women v Chelsea Women"),
        ("Manchester United v Chelsea", "Manchester City v Chelsea"),
        ("Lakers vs Celtics", "Clippers vs Celtics"),
        ("Live", "Tickets"),
        ("!!!", "???"),
        ("Chicago - The Musical", "Hamilton - The Musical"),
        ("Beethoven 5", "Beethoven 9"),
    ],
)
def test_what_is_left_of_a_name_is_never_nothing(one: str, other: str, aliases: Aliases) -> None:
    """Words that say little, or that stand at the end of many names, make none of them certain."""
    assert between(aliases, but(name=one), but(name=other)).verdict is not Verdict.MERGE
    assert between(aliases, but(name=one), but(name=one)).verdict is Verdict.MERGE


def test_what_stands_in_brackets_is_not_passed_over(aliases: Aliases) -> None:
    """Unless it is the town, the tour or the age: vendors put there what no rule knows."""
    unknown = between(aliases, but(name="Wilco [Balcony Brunch]"))
    town = between(aliases, but(name="Wilco (Chicago) (18+)"))

    assert unknown[:2] == (Verdict.REVIEW, Reason.NAME_NEAR)
    assert town.verdict is Verdict.MERGE


def test_one_name_with_other_performers_is_not_certain(aliases: Aliases) -> None:
    mine, yours = (
        but(name="Comedy Night", performers=(each,)) for each in ("Ali Wong", "Bo Burnham")
    )

    assert between(aliases, yours, mine)[:2] == (Verdict.REVIEW, Reason.NAME_NEAR)


def test_a_time_that_is_not_known_says_nothing_on_a_day_of_two_shows(aliases: Aliases) -> None:
    found = between(aliases, but(time=None), several_shows=True)

    assert found[:2] == (Verdict.REVIEW, Reason.TIME_UNKNOWN)


def test_one_source_does_not_sell_an_event_twice(aliases: Aliases) -> None:
    found = between(aliases, but(), source="seatgeek")

    assert found[:2] == (Verdict.REVIEW, Reason.SAME_SOURCE)


def test_a_date_that_was_postponed_is_none(aliases: Aliases) -> None:
    assert between(aliases, but(), status="postponed")[:2] == (Verdict.REVIEW, Reason.STATUS)
    assert between(aliases, but(), status="on_sale").verdict is Verdict.MERGE


def test_a_local_time_and_one_of_utc_need_a_zone(aliases: Aliases) -> None:
    """Without one nobody can say whether they are the same; with one they are."""
    of_utc = msgspec.convert(
        {"name": "Wilco", "venue": "Salt Shed", "city": "Chicago"}
        | {"starts_at": "2027-05-16T00:00:00Z"},
        Side,
    )

    assert between(aliases, of_utc)[:2] == (Verdict.REVIEW, Reason.ZONE_UNKNOWN)
    assert between(aliases, of_utc, but(time_zone="America/Chicago")).verdict is Verdict.MERGE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0",
        "((",
        "!!!",
        "at",
        " - ",
        "w/",
        "Parking",
        "2027",
        "ﷺ" * 500,
        " " * 512,
        "tickets " * 64,
    ],
)
def test_no_name_is_too_odd(text: str, aliases: Aliases) -> None:
    """Vendors send anything."""
    odd = but(
        name=text,
        venue=text,
        city=text,
        date=text,
        time=text,
        performers=(text,),
        time_zone=text,
        at=(1e308, 1e308),
    )
    event: SourceEvent = an_event(odd, "seatgeek")

    profile = profile_of(event, aliases)

    assert decide(profile, profile, several_shows=False).verdict is not Verdict.MERGE
