"""Definitions that are well-formed, and cannot be taken all the same."""

from typing import Any

import pytest

from conscope_app.alerting.watches.validation import Invalid
from conscope_app.store.watches.definitions import encode_definition
from conscope_app.store.watches.reading import MOST_KIB, read_definition, read_silence

BASE: dict[str, Any] = {"id": "w", "what": {}, "when": {"target": {"at_most": 100}}}
CHANNELS = ("default", "phone")

FAR = "9999-12-31T23:59:59Z"


def problems(definition: dict[str, Any], channels: tuple[str, ...] | None = None) -> dict[str, str]:
    """What is wrong, by field."""
    with pytest.raises(Invalid) as caught:
        read_definition({**BASE, **definition}, channels=channels)
    return dict(caught.value.problems)


def test_a_channel_that_there_is_not_is_named_with_those_that_there_are() -> None:
    """All of them in one sentence, beside whatever else is wrong."""
    given = {"to": {"channels": ["phon", "phone", "ana"]}, "often": {"zone": "Mars"}}

    assert problems(given, CHANNELS) == {
        "to.channels": "there is no channel `phon`, `ana`; there are: default, phone",
        "often.zone": "there is no time zone 'Mars'",
    }


@pytest.mark.parametrize("to", [{}, {"to": {}}, {"to": {"severity": "warning"}}])
def test_where_no_channel_is_named_default_is_meant(to: dict[str, Any]) -> None:
    """A channels file need not have it."""
    assert read_definition({**BASE, **to}, channels=CHANNELS).to.channels == ("default",)
    assert problems(to, ("phone",)) == {
        "to.channels": "there is no channel `default`; there are: phone"
    }


def test_who_does_not_know_the_channels_takes_any() -> None:
    """A definition that was kept is not judged anew."""
    watch = read_definition({**BASE, "to": {"channels": ["anything"]}})

    assert watch.to.channels == ("anything",)


@pytest.mark.parametrize("to", [None, [], "phone", {"channels": "phone"}, {"channels": [7]}])
def test_what_is_no_list_of_names_has_one_problem(to: object) -> None:
    """That it is none."""
    found = problems({"to": to}, CHANNELS)

    assert len(found) == 1
    assert "there is no channel" not in str(found)


@pytest.mark.parametrize("field", ["subjects", "only", "never"])
def test_a_definition_that_takes_too_much_is_refused_by_its_longest_field(field: str) -> None:
    """In bytes, as it is kept."""
    many = ["ä" * 150 for _ in range(200)]
    patterns = {f"label-{number}": many for number in range(5)}
    value = [f"{'ä' * 150}{number}" for number in range(1_000)] if field == "subjects" else patterns
    found = problems({"what": {"never": {"row": ["A"]}, field: value}})

    assert [*found] == [f"what.{field}"]
    assert "KiB, most of them here; 256 at most" in found[f"what.{field}"]


def test_as_much_as_may_be_is_taken() -> None:
    """To the byte."""
    only = {f"label-{number}": ["x" * 200] * 200 for number in range(6)}
    definition = {**BASE, "what": {"only": only}}
    rest = MOST_KIB * 1_024 - len(encode_definition(read_definition(definition)))
    # Each further pattern takes 103 bytes with its quotes and comma, the label itself some more.
    only["rest"] = ["x" * 100] * (rest // 103 - 1)
    name = MOST_KIB * 1_024 - len(encode_definition(read_definition(definition)))

    assert 0 <= name < 200
    assert read_definition({**definition, "name": "x" * name})
    assert [*problems({**definition, "name": "x" * (name + 1)})] == ["what.only"]


@pytest.mark.parametrize("field", ["expires_at", "snoozed_until"])
def test_no_watch_waits_for_the_end_of_time(field: str) -> None:
    """No zone's clocks show what comes after it."""
    assert problems({"to": {field: FAR}}) == {f"to.{field}": "must be before the year 9000"}


def test_nor_does_a_silence() -> None:
    with pytest.raises(Invalid) as caught:
        read_silence({"id": "s", "ends_at": FAR})

    assert dict(caught.value.problems) == {"ends_at": "must be before the year 9000"}
