"""`watches` on the command line, as a person types it."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from conscope_app.core.clock import utc_now
from conscope_app.store.engine import Database
from tests.audit.world import open_database
from tests.commands.shell import ROOT, conscope
from tests.store.watches.stored_prices import History
from tests.store.watches.telling import Stage

NASTY = "\x1b[2J\u202eevil"
CHEAP = "- {id: cheap, what: {}, when: {target: {at_most: 100}}}\n"
DEAR = f"- {{id: dear, name: {json.dumps(NASTY)}, what: {{}}, when: {{low: {{}}}}}}\n"


@pytest.fixture
def url(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database of the test's own, which the commands are set to."""
    with open_database(database_url, f"watches_{uuid.uuid4().hex[:12]}") as (url, _):
        monkeypatch.setenv("CONSCOPE_DATABASE_URL", url)
        yield url


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the tests write their watches."""
    return tmp_path / "watches.yaml"


def store_prices(url: str, *amounts: int) -> None:
    """Prices of one seat, the first an hour ago, a minute apart."""

    async def store() -> None:
        database = Database(url)
        begin = utc_now().replace(microsecond=0) - timedelta(hours=1)
        await History(begin).prices(amounts).store(database)
        await database.close()

    asyncio.run(store())


def find_something(url: str) -> None:
    """The episode e1 of the watch `cheap` is raised."""

    async def find() -> None:
        database = Database(url)
        stage = Stage(database)
        await stage.decide(stage.raised("e1", watch_id="cheap"))
        await database.close()

    asyncio.run(find())


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        pytest.param(("apply",), "apply takes a file", id="apply nothing"),
        pytest.param(("delete",), "delete takes the id of a watch", id="delete nothing"),
        pytest.param(("list", "w"), "list takes nothing else", id="list one"),
        pytest.param(("dry-run", "f", "--days", "0"), "--days", id="no time"),
        pytest.param(("acknowledge",), "acknowledge takes the id of an episode", id="nobody"),
        pytest.param(("snooze", "w"), "--until or --for, one of them", id="until when"),
        pytest.param(
            ("snooze", "w", "--for", "1h", "--until", "2027-01-01"), "one of them", id="twice"
        ),
        pytest.param(("snooze", "w", "--for", "long"), "is no duration", id="no duration"),
        pytest.param(("snooze", "w", "--for", "9e9d"), "is no duration", id="a power of ten"),
        pytest.param(("snooze", "w", "--for", "99999999999d"), "nobody lives", id="for ever"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(arguments: tuple[str, ...], problem: str) -> None:
    """Nothing is deleted by accident."""
    ended = conscope("watches", *arguments)

    assert ended.code == 2
    assert problem in ended.errors
    assert "Traceback" not in ended.errors


def test_a_file_that_cannot_be_taken_changes_nothing(file: Path) -> None:
    """Each problem is one line; the database is not even asked."""
    file.write_text(f"{CHEAP}- {{id: worse, what: {{}}, when: {{}}}}\n- {{id: {NASTY!r}}}\n")

    ended = conscope("watches", "apply", str(file))

    assert ended.code == 2
    assert "line 2: worse: when: must have a target, a drop, a low, or what happens" in ended.errors
    assert not {"\x1b", "\u202e"} & set(ended.errors)
    assert "Traceback" not in ended.errors


def test_a_channel_that_there_is_not_is_named(file: Path) -> None:
    """By line and field, whether it is to be applied or only tried."""
    file.write_text(
        f"{CHEAP}- id: phon\n  what: {{}}\n  when: {{low: {{}}}}\n  to: {{channels: [phon]}}\n"
    )

    for action in ("apply", "dry-run"):
        ended = conscope("watches", action, str(file))
        assert (ended.code, ended.errors) == (
            2,
            "line 5: phon: to.channels: there is no channel `phon`; there are: default\n",
        )


def test_the_schema_in_the_documents_is_the_programs() -> None:
    """To be made anew by the command itself."""
    ended = conscope("watches", "schema")

    assert ended.code == 0
    assert ended.output == (ROOT / "docs" / "watches.schema.json").read_text()


def test_a_channel_can_be_tried() -> None:
    """Without a channels file there is the console, by the name `default`."""
    told = conscope("watches", "test-channel", "default")
    unknown = conscope("watches", "test-channel", "pigeons")

    assert told.code == 0
    assert "It works" in told.output
    assert told.output.endswith("default was told.\n")
    assert (unknown.code, unknown.errors) == (
        1,
        "there is no channel 'pigeons'; there is default\n",
    )


def test_a_database_that_is_away_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2, without the password."""
    away = "postgresql+psycopg2://conscope:secret-7@127.0.0.1:1/none"
    monkeypatch.setenv("CONSCOPE_DATABASE_URL", away)

    for arguments in (("list",), ("why", "w"), ("delete", "w")):
        ended = conscope("watches", *arguments)
        assert ended.code == 2
        assert "the database cannot be worked with" in ended.errors
        assert "secret-7" not in ended.output + ended.errors


@pytest.mark.postgres
def test_watches_are_applied_listed_and_deleted(url: str, file: Path) -> None:
    """All of a file or nothing; what it does not name is deleted only when asked for."""
    file.write_text(CHEAP + DEAR)
    made = conscope("watches", "apply", str(file))
    same = conscope("watches", "apply", str(file))
    file.write_text(CHEAP.replace("100", "90"))
    changed = conscope("watches", "apply", str(file))
    listed = conscope("watches", "list")
    lines = conscope("watches", "list", "--json").output
    pruned = conscope("watches", "apply", str(file), "--prune")
    deleted = conscope("watches", "delete", "cheap")
    again = conscope("watches", "delete", "cheap")

    assert made.output == "cheap: made (version 1)\ndear: made (version 1)\n"
    assert same.output == "cheap: as it was (version 1)\ndear: as it was (version 1)\n"
    assert changed.output == "cheap: changed (version 2)\n"
    assert listed.output.endswith("2 watches\n")
    assert "not applied yet" in listed.output
    assert "\\x1b[2J\\u202eevil" in listed.output
    assert not {"\x1b", "\u202e"} & set(listed.output + lines)
    assert [json.loads(line)["watch"]["version"] for line in lines.splitlines()] == [2, 1]
    assert pruned.output == "cheap: as it was (version 2)\ndear: deleted\n"
    assert (deleted.code, deleted.output) == (0, "cheap: deleted\n")
    assert (again.code, again.errors) == (1, "there is no watch 'cheap'\n")


@pytest.mark.postgres
def test_a_watch_is_snoozed_and_an_episode_acknowledged(url: str, file: Path) -> None:
    """What there is not is exit code 1."""
    file.write_text(CHEAP)
    conscope("watches", "apply", str(file))
    until = conscope("watches", "snooze", "cheap", "--until", "2027-01-01T08:00:00")
    ended = conscope("watches", "snooze", "cheap", "--for", "0")
    again = conscope("watches", "snooze", "cheap", "--for", "2h")
    unknown = conscope("watches", "snooze", "dear", "--for", "2h")
    nobody = conscope("watches", "acknowledge", NASTY)
    find_something(url)
    known = conscope("watches", "acknowledge", "e1")

    assert until.output == "cheap: says nothing until 2027-01-01 08:00:00 (version 2)\n"
    assert ended.output == "cheap: it tells again (version 3)\n"
    assert again.output.endswith("(version 4)\n")
    assert (unknown.code, unknown.errors) == (1, "there is no watch 'dear'\n")
    assert (nobody.code, nobody.output) == (1, "")
    assert "there is no episode '\\x1b[2J\\u202eevil'" in nobody.errors
    assert (known.code, known.output) == (0, "e1: nothing more is said of it\n")


@pytest.mark.postgres
def test_a_file_is_tried_with_past_prices(url: str, file: Path) -> None:
    """How many messages there would have been, and which; nothing is kept."""
    store_prices(url, 120, 80, 130, 70)
    file.write_text(CHEAP)

    told = conscope("watches", "dry-run", str(file), "--days", "1")
    lines = conscope("watches", "dry-run", str(file), "--days", "1", "--json").output

    assert told.code == 0
    assert "cheap: 1 messages, and changed them 1 times, of 1 alerts and 4 prices" in told.output
    assert "Radiohead" in told.output
    assert "80.00" in told.output
    assert json.loads(lines)["message_count"] == 2
    assert conscope("watches").output == "0 watches\n"


@pytest.mark.postgres
def test_why_something_was_not_told(url: str, file: Path) -> None:
    """One sentence for each price, in the time that is asked for."""
    store_prices(url, 120, 80)
    file.write_text(CHEAP)
    conscope("watches", "apply", str(file))

    why = conscope("watches", "why", "cheap")
    earlier = conscope("watches", "why", "cheap", "--to", "2026-01-01")
    unknown = conscope("watches", "why", "dear")

    assert why.code == 0
    assert "120: not raised: " in why.output
    assert "80: raised: " in why.output
    assert "It saw nothing in that time." in earlier.output
    assert (unknown.code, unknown.errors) == (1, "there is no watch 'dear'\n")
