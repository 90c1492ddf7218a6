"""`deliveries` on the command line."""

import json
import uuid
from collections.abc import Iterator

import pytest

from tests.audit.world import open_database
from tests.commands.shell import conscope
from tests.notify.alerts import an_alert
from tests.store.postgres_outbox import OutboxTables

NASTY = "\x1b[2J\u202eevil\r\n[bold]"


@pytest.fixture
def outbox(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[OutboxTables]:
    """A database of the test's own, which the commands are set to."""
    with open_database(database_url, f"deliveries_{uuid.uuid4().hex[:12]}") as (url, _):
        monkeypatch.setenv("CONSCOPE_DATABASE_URL", url)
        tables = OutboxTables(url)
        yield tables
        tables.close()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        pytest.param(("retry",), "say which: --id or --all-dead", id="retry nothing"),
        pytest.param(
            ("retry", "--all-dead", "--id", "raw_prices-0-1"), "say which", id="retry both"
        ),
        pytest.param(("enable",), "enable takes the name of a channel", id="enable nothing"),
        pytest.param(("list", "discord"), "list and retry take none", id="list a channel"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(arguments: tuple[str, ...], problem: str) -> None:
    """Nothing is told again by accident."""
    ended = conscope("deliveries", *arguments)

    assert ended.code == 2
    assert problem in ended.errors
    assert "Traceback" not in ended.errors


def test_a_database_that_is_away_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2, without the password."""
    url = "postgresql+psycopg2://conscope:secret-7@127.0.0.1:1/none"
    monkeypatch.setenv("CONSCOPE_DATABASE_URL", url)
    ended = conscope("deliveries")

    assert ended.code == 2
    assert "the database cannot be worked with" in ended.errors
    assert "Traceback" not in ended.errors
    assert "secret-7" not in ended.output + ended.errors


@pytest.mark.postgres
def test_a_database_that_is_not_migrated_is_told_in_a_sentence(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The relation that is missing is named."""
    monkeypatch.setenv("CONSCOPE_DATABASE_URL", database_url.rsplit("/", 1)[0] + "/postgres")
    ended = conscope("deliveries")

    assert ended.code == 2
    assert 'relation "deliveries" does not exist' in ended.errors


@pytest.mark.postgres
def test_given_up_deliveries_are_listed_and_revived(outbox: OutboxTables) -> None:
    """List, retry one, retry it again, retry all."""
    nothing = conscope("deliveries", "list")
    assert (nothing.code, nothing.output) == (0, "Nothing waits, and nothing was given up.\n")

    outbox.add([an_alert(1), an_alert(2, event_name=NASTY), an_alert(3), an_alert(4)])
    outbox.run(
        "UPDATE deliveries SET status = 'dead', attempts = 2, last_error = %s WHERE id > 2", NASTY
    )
    listed = conscope("deliveries", "list")
    assert listed.code == 0
    assert "discord: 2 dead\ndiscord: 2 waiting\n" in listed.output
    assert listed.output.count("100.00 → 80.00 USD") == 4
    assert "\\x1b[2J\\u202eevil\\r\\n[bold]" in listed.output
    assert not {"\x1b", "\u202e", "\r"} & set(listed.output)

    lines = conscope("deliveries", "list", "--status", "dead", "--json").output
    assert not {"\x1b", "\u202e", "\r"} & set(lines)
    found = [json.loads(line) for line in lines.splitlines()]
    assert [each["id"] for each in found] == ["raw_prices-0-3", "raw_prices-0-4"]
    assert found[0]["last_error"] == NASTY

    one = conscope("deliveries", "retry", "--id", "raw_prices-0-3")
    assert (one.code, one.output) == (0, "1 given-up deliveries wait again.\n")
    again = conscope("deliveries", "retry", "--id", "raw_prices-0-3", "--id", "raw_prices-0-4")
    assert (again.code, again.output) == (1, "1 given-up deliveries wait again.\n")
    assert "there is no given-up delivery of raw_prices-0-3" in again.errors
    rest = conscope("deliveries", "retry", "--all-dead")
    assert (rest.code, rest.output) == (0, "0 given-up deliveries wait again.\n")
    assert outbox.run("SELECT DISTINCT status FROM deliveries") == [("waiting",)]


@pytest.mark.postgres
def test_a_channel_that_was_switched_off_is_enabled(outbox: OutboxTables) -> None:
    """It is listed as switched off before; unknown channels are exit code 1."""
    never = conscope("deliveries", "enable", "discord")
    assert (never.code, never.errors) == (1, "there is no channel 'discord'; none was ever told\n")
    outbox.run(
        "INSERT INTO delivery_targets (channel, disabled_at, disabled_reason)"
        " VALUES ('discord', '2026-11-22 12:00+00', 'abcd Discord answered 404')"
    )
    listed = conscope("deliveries")
    assert (
        "discord is switched off since 2026-11-22 12:00:00: Discord answered 404" in listed.output
    )

    enabled = conscope("deliveries", "enable", "discord")
    assert (enabled.code, enabled.output) == (0, "discord is told again.\n")
    assert outbox.run("SELECT disabled_at, disabled_reason FROM delivery_targets") == [(None, None)]
    again = conscope("deliveries", "enable", "discord")
    assert (again.code, again.output) == (0, "discord was not switched off.\n")
    unknown = conscope("deliveries", "enable", "pigeons")
    assert (unknown.code, unknown.errors) == (
        1,
        "there is no channel 'pigeons'; there is discord\n",
    )


@pytest.mark.postgres
def test_a_channel_of_watches_is_enabled_by_its_longer_name(outbox: OutboxTables) -> None:
    """So that it is told apart from a channel of alerts that has the same name."""
    outbox.run(
        "INSERT INTO delivery_targets (channel, disabled_at, disabled_reason)"
        " VALUES ('watches:discord', '2026-11-22 12:00+00', 'abcd Discord answered 404')"
    )
    other = conscope("deliveries", "enable", "discord")
    enabled = conscope("deliveries", "enable", "watches:discord")

    assert (other.code, other.errors) == (
        1,
        "there is no channel 'discord'; there is watches:discord\n",
    )
    assert (enabled.code, enabled.output) == (0, "watches:discord is told again.\n")
    assert outbox.run("SELECT disabled_at, disabled_reason FROM delivery_targets") == [(None, None)]
