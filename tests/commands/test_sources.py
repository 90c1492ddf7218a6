"""`sources` on the command line."""

import json
import uuid
from collections.abc import Iterator

import pytest

from tests.audit.world import open_database
from tests.commands.shell import conscope
from tests.store.ledgers import Tables


@pytest.fixture
def tables(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tables]:
    """A database of the test's own, which the commands are set to."""
    with open_database(database_url, f"sources_{uuid.uuid4().hex[:12]}") as (url, _):
        monkeypatch.setenv("CONSCOPE_DATABASE_URL", url)
        with Tables(url) as tables:
            yield tables


def test_retry_says_which() -> None:
    ended = conscope("sources", "retry")

    assert ended.code == 2
    assert "retry takes the name of a source" in ended.errors


@pytest.mark.postgres
def test_sources_are_listed_and_asked_again(tables: Tables) -> None:
    """For people, for programs, and as an exit code; what a vendor says is text."""
    nothing = conscope("sources")
    assert (nothing.code, nothing.output) == (0, "No source was ever polled.\n")

    tables.run(
        "INSERT INTO sources (source, leased_by, leased_until, health, health_reason, health_since,"
        " barred, per_day, told_ill) VALUES ('vendor', 'w-1', now() + interval '1 hour',"
        " 'not authorised', %s, now(), 'it was answered with 401', 900, true) RETURNING 1",
        "\x1b[2J[bold]401",
    )
    tables.run(
        "INSERT INTO source_usage VALUES ('vendor', date_trunc('hour', now()), 1200) RETURNING 1"
    )

    listed = conscope("sources", "list")
    assert listed.code == 1
    assert "1,200 of 900" in listed.output
    assert "vendor: not authorised, \\x1b[2J[bold]401" in listed.output
    assert "polled by w-1; watches were told that it is unhealthy" in listed.output
    [line] = conscope("sources", "--json").output.splitlines()
    found = json.loads(line)
    assert (found["source"], found["left"], found["told"]) == ("vendor", 0, True)

    again = conscope("sources", "retry", "vendor")
    assert (again.code, again.output[:21]) == (0, "vendor is asked again")
    assert tables.run("SELECT barred, leased_by FROM sources") == [(None, None)]
    assert conscope("sources").code == 0  # nobody polls it: that is no health
    unknown = conscope("sources", "retry", "another")
    assert (unknown.code, unknown.errors) == (1, "'another' was never polled\n")
