"""The table of venues' other names: what ships is sound, and what cannot be read says why."""

import pytest

from conscope_app.domains.tickets.market import Venue
from conscope_app.domains.tickets.matching.aliases import (
    BadAliases,
    aliases_with,
    read_aliases,
    shipped_aliases,
)
from conscope_app.domains.tickets.matching.venue_names import city_name, name_of
from conscope_app.domains.tickets.matching.venues import Aliases, Same, compare, place_of

A_LINE = '{"name": "New Hall", "city": "Graz", "also": ["Old Hall"], "reason": "renamed in 2030"}'


def test_no_name_of_a_town_is_two_venues() -> None:
    seen: dict[tuple[str, str], str] = {}
    for entry in shipped_aliases():
        city = city_name(entry.city)
        for name in {name_of(each, city) for each in (entry.name, *entry.also)}:
            assert seen.setdefault((name, city), entry.name) == entry.name, name


def test_every_line_has_a_reason_and_another_name() -> None:
    assert [each for each in shipped_aliases() if not (each.reason and each.also)] == []


def test_a_line_of_ones_own_is_taken() -> None:
    aliases = aliases_with(f"# ours\n\n{A_LINE}\n")
    old, new = (Venue(name=name, city="Graz") for name in ("The Old Hall", "New Hall"))

    assert compare(place_of(old, aliases), place_of(new, aliases)) is Same.YES
    assert compare(place_of(old), place_of(new)) is not Same.YES


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{A_LINE}\nno JSON", "line 2"),
        ('{"name": "A", "city": "B", "also": ["C"]}', "reason"),
        ('{"name": "A", "city": "B", "also": ["C"], "reason": "d", "town": "B"}', "town"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text: str, said: str) -> None:
    with pytest.raises(BadAliases, match=said):
        read_aliases(text)


def test_without_a_town_only_a_name_of_one_venue_is_known(aliases: Aliases) -> None:
    """Two houses have been called Hollywood Casino Amphitheatre."""
    assert place_of(Venue(name="Staples Center"), aliases).known is not None
    assert place_of(Venue(name="Hollywood Casino Amphitheatre"), aliases).known is None
