"""How many copies must have a record before its write counts."""

import pytest

from conscope_app.topics.copies import copy_configs, copy_notes, copy_problems


def configs(in_sync: str, unclean: str = "false") -> dict[str, str]:
    """A topic's configuration as the broker tells it."""
    return {"min.insync.replicas": in_sync, "unclean.leader.election.enable": unclean}


@pytest.mark.parametrize(
    ("copies", "in_sync"),
    [
        pytest.param(1, "1", id="one broker"),
        pytest.param(2, "1", id="two copies: writing goes on with one"),
        pytest.param(3, "2", id="three copies: one may be lost, and writing goes on"),
        pytest.param(5, "2", id="five copies"),
    ],
)
def test_what_is_created_can_lose_a_broker(copies: int, in_sync: str) -> None:
    """And what is created is neither a problem nor worth a note."""
    created = copy_configs(copies)

    assert created == {"min.insync.replicas": in_sync}
    assert copy_problems(copies, configs(in_sync)) == []
    assert copy_notes(copies, configs(in_sync)) == []


@pytest.mark.parametrize(
    ("copies", "found", "sentence"),
    [
        pytest.param(3, configs("1"), "min.insync.replicas is 1 with 3 copies", id="one suffices"),
        pytest.param(1, configs("2"), "nothing can be written", id="more than there are"),
        pytest.param(3, configs("2", "true"), "unclean.leader.election", id="unclean elections"),
    ],
)
def test_what_loses_records_is_a_problem(copies: int, found: dict[str, str], sentence: str) -> None:
    """It is told in a sentence."""
    [problem] = copy_problems(copies, found)

    assert sentence in problem


def test_an_unclean_election_needs_a_second_copy() -> None:
    """With one there is nobody else to elect."""
    assert copy_problems(1, configs("1", "true")) == []


def test_asking_for_every_copy_is_noted() -> None:
    """It loses nothing, and stops with any broker."""
    assert copy_problems(3, configs("3")) == []
    [note] = copy_notes(3, configs("3"))

    assert note.endswith("nothing can be written while one broker is away")


def test_a_broker_without_these_settings_is_left_alone() -> None:
    """It has rules of its own for it."""
    assert copy_problems(3, {}) == []
    assert copy_notes(3, {}) == []
