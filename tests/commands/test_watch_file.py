"""The YAML file of watches: what is taken, and what is said of what is not."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from conscope_app.commands.watch_file import BadWatchFile, read_watch_file, read_watches

PLAIN = "id: w\nwhat: {}\nwhen: {target: {at_most: 100}}\n"


def problems(text: str) -> list[str]:
    """Everything that is wrong with a file."""
    with pytest.raises(BadWatchFile) as caught:
        read_watches(text)
    return str(caught.value).splitlines()


def test_a_file_holds_several_watches() -> None:
    """In its order, with what is left out as it is by default."""
    first, second = read_watches(
        "watches:\n"
        "  - id: cheap\n"
        "    what: {subjects: [evt-1], together: 2}\n"
        "    when:\n"
        "      target: {at_most: 150.50}\n"
        "    often: {quiet: {begin: 22:00, until: 07:00}, zone: Europe/Berlin}\n"
        "    to: {expires_at: 2027-01-31T12:00:00Z}\n"
        "  - {id: other, what: {}, when: {drop: {percent: 10}}}\n"
    )

    assert (first.id, first.what.subjects, first.what.together) == ("cheap", ("evt-1",), 2)
    assert first.when.target is not None
    assert first.when.target.at_most == Decimal("150.5")
    assert first.often.quiet is not None
    assert first.often.quiet.begin == "22:00"
    assert first.to.expires_at == datetime(2027, 1, 31, 12, tzinfo=UTC)
    assert (second.id, second.sure.observations) == ("other", 1)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PLAIN, id="one watch"),
        pytest.param("- {id: w, what: {}, when: {target: {at_most: 100}}}", id="a list"),
        pytest.param("%YAML 1.1\n---\n" + PLAIN, id="with a head"),
    ],
)
def test_a_file_may_be_shorter(text: str) -> None:
    """One watch alone, or a list."""
    assert [watch.id for watch in read_watches(text)] == ["w"]


def test_names_are_taken_as_they_are_written() -> None:
    """Sections that look like numbers, words that YAML gives another meaning."""
    (watch,) = read_watches(
        "id: 007\n"
        "name: 2026-11-22\n"
        "what: {subjects: [12], only: {section: [101, 1e3]}, never: {row: [on, null, 010]}}\n"
        "when: {target: {at_most: 100}}\n"
        "to: {channels: [1]}\n"
    )

    assert (watch.id, watch.name, watch.what.subjects) == ("007", "2026-11-22", ("12",))
    assert watch.what.only == {"section": ("101", "1e3")}
    assert watch.what.never == {"row": ("on", "null", "010")}
    assert watch.to.channels == ("1",)


def test_watches_may_share_their_parts() -> None:
    """By YAML's anchors; what a watch says itself wins."""
    first, second = read_watches(
        "watches:\n"
        "  - &base\n"
        "    id: a\n"
        "    what: {}\n"
        "    when: {target: {at_most: 100}}\n"
        "    to: {severity: critical}\n"
        "  - <<: *base\n"
        "    id: b\n"
        "    when: {target: {at_most: 50}}\n"
    )

    assert (first.id, second.id) == ("a", "b")
    assert second.when.target is not None
    assert second.when.target.at_most == 50
    assert second.to.severity == "critical"


def test_all_problems_are_named_by_line_watch_and_field() -> None:
    """Of all watches at once, in the order of the lines."""
    assert problems(
        "watches:\n"
        "  - id: a\n"
        "    wat: {}\n"
        "    when:\n"
        "      drop:\n"
        "        percent: 0\n"
        "  - id: b\n"
        "    what: {only: {row: [A], section: [1, [2]]}}\n"
        "    when: {target: {at_most: cheap}}\n"
        "  - 5\n"
    ) == [
        "line 2: a: what: is missing",
        "line 3: a: wat: there is no such field; did you mean what?",
        "line 6: a: when.drop.percent: must be over 0",
        "line 8: b: what.only[...][1]: expected str, got array",
        "line 9: b: when.target.at_most: invalid decimal string",
        "line 10: must be a set of fields, not 5",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "line 1: the file must hold `watches:`", id="empty"),
        pytest.param("watches: {}", "line 1: the file must hold `watches:`", id="no list"),
        pytest.param("watches: []\nmore: 1", "line 1: the file must hold `watches:`", id="more"),
        pytest.param("- id: [", "line 1: this is no YAML: ", id="broken"),
        pytest.param("--- 1\n--- 2\n", "line 2: this is no YAML: ", id="two documents"),
        pytest.param("id: a\nid: b\n", "line 2: id stands here twice", id="a field twice"),
        pytest.param("- &a\n  id: w\n  what: *a\n", "line 1: what: there is no end", id="itself"),
        pytest.param("<<: 3\nid: w\n", "line 1: << takes a set of fields", id="merged"),
        pytest.param('id: "a\\0"\nwhat: {}', "line 1: a\x00: id: holds a character", id="NUL"),
    ],
)
def test_what_is_no_file_of_watches_is_said(text: str, said: str) -> None:
    """In one sentence, with its line."""
    assert problems(text)[0].startswith(said)


def test_an_id_stands_once() -> None:
    """Or one of the two would be lost without a word."""
    one = "{id: w, what: {}, when: {target: {at_most: 1}}}"

    assert problems(f"- {one}\n- {one}\n") == ["line 2: w: id: another watch has it already"]


def test_aliases_of_aliases_end_somewhere() -> None:
    """A few lines that stand for a billion values."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]")

    assert problems("\n".join(lines))[0].endswith("there is no end to it: an alias within itself")


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """Not there, or no text."""
    (tmp_path / "latin").write_bytes(b"id: \xff")

    for name, why in (("none", "No such file"), ("latin", "it is no UTF-8 text")):
        with pytest.raises(BadWatchFile, match=why):
            read_watch_file(tmp_path / name)


def test_a_channel_that_is_not_named_is_missed_in_the_line_of_its_watch() -> None:
    """Where a channels file has no `default`."""
    with pytest.raises(BadWatchFile) as caught:
        read_watches(f"# mine\n{PLAIN}", channels=["phone"])

    assert str(caught.value) == (
        "line 2: w: to.channels: there is no channel `default`; there are: phone"
    )
