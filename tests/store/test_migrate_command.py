"""`migrate` on the command line."""

import pytest

from conscope_app.store.migrate import head
from conscope_app.store.url import parse_url
from tests.commands.shell import conscope
from tests.store.conftest import drop_database

SETTING = "CONSCOPE_DATABASE_URL"


@pytest.mark.postgres
def test_it_says_what_it_did(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first time everything, the second time nothing."""
    name = "conscope_by_command"
    url = parse_url(database_url).set(database=name).render_as_string(hide_password=False)
    monkeypatch.setenv(SETTING, url)
    drop_database(database_url, name)
    try:
        first, second = conscope("migrate"), conscope("migrate")
    finally:
        drop_database(database_url, name)

    assert (first.code, second.code) == (0, 0)
    assert "Created the database." in first.output
    assert "Applied 0001" in first.output
    assert "Applied 0002" in first.output
    assert second.output.splitlines() == [f"The database is at revision {head()}."]


def test_a_server_that_is_away_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, without a traceback and without the password."""
    monkeypatch.setenv(SETTING, "postgresql+psycopg2://conscope:sesam@127.0.0.1:1/prices")

    ended = conscope("migrate")

    assert ended.code == 1
    assert "Postgres at 127.0.0.1:1/prices cannot be opened" in ended.errors
    assert "Connection refused" in ended.errors
    assert "Traceback" not in ended.errors
    assert "sesam" not in ended.errors + ended.output
