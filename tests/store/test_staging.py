"""COPY: every text comes back as it went in."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conscope_app.store.engine import Connection, Database
from conscope_app.store.staging import Staging, copy_line
from tests.store.ledgers import Tables

HOSTILE = [
    pytest.param("", id="empty"),
    pytest.param("\\N", id="the mark of NULL"),
    pytest.param("\\.", id="the mark of the end"),
    pytest.param("\n\\.\n", id="the mark of the end on a line of its own"),
    pytest.param("a\tb\\tc", id="tabs"),
    pytest.param("line\nline\r\nline\rline\\n", id="line ends"),
    pytest.param("back\\slash\\\\", id="backslashes"),
    pytest.param("'; DROP TABLE events; --", id="an injection"),
    pytest.param("\"quoted\", 'too'", id="quotes"),
    pytest.param("🎟️ Björk – 東京 \u202e\u0000"[:-1], id="not only ASCII"),
    pytest.param("\x01\x1f\x7f\x85\u2028", id="control characters"),
    pytest.param(" blanks at both ends ", id="blanks"),
    pytest.param("NULL", id="the word"),
    pytest.param("x" * 100_000, id="long"),
]


def test_a_line_holds_values_in_order() -> None:
    """Tabs between values, a mark for what is missing, nothing for an empty text."""
    line = copy_line((1, "a", None, "", Decimal("1.50")))

    assert line == "1\ta\t\\N\t\t1.50\n"


def test_special_characters_are_escaped_only_in_text() -> None:
    """A missing value beside a text with a backslash stays a missing value."""
    assert copy_line(("a\\b\tc", None)) == "a\\\\b\\tc\t\\N\n"


def _round_trip(
    connection: Connection, rows: list[tuple[str | None, str | None]]
) -> list[tuple[str | None, str | None]]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE copied (first text, second text, nth serial)")
        staging = Staging("copied", ("first", "second"))
        staging.prepare(connection)
        staging.fill(cursor, map(copy_line, rows))
        cursor.execute("SELECT first, second FROM staged_copied ORDER BY nth")
        found = cursor.fetchall()
        cursor.execute("DROP TABLE staged_copied, copied")
        connection.staging.clear()
    return found


@pytest.mark.postgres
@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_comes_back(database: Database, text: str) -> None:
    """Beside a missing value and beside itself."""
    rows = [(text, None), (None, text), (text, text)]

    assert await database.run(lambda c: _round_trip(c, rows)) == rows


@pytest.mark.postgres
def test_any_text_comes_back(store_url: str, tables: Tables) -> None:
    """All of Unicode but NUL, which Postgres cannot hold, in all combinations."""
    texts = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
    special = st.none() | st.text(alphabet="\\\t\n\r.N'\"a")

    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(texts | special, texts | special), max_size=8))
    def come_back(rows: list[tuple[str | None, str | None]]) -> None:
        assert _round_trip(connection, rows) == rows

    connection = Connection(store_url.replace("+psycopg2", ""))
    try:
        come_back()
    finally:
        connection.close()


@pytest.mark.postgres
async def test_the_staging_table_is_empty_after_each_transaction(
    database: Database, tables: Tables
) -> None:
    """What one batch staged never reaches the next, whether it was committed or undone."""
    staging = Staging(
        "events", ("event_id", "event_name", "venue", "first_seen_at", "last_updated")
    )
    line = copy_line(("e", "n", "v", "2026-11-22", "2026-11-22"))

    def fill(connection: Connection) -> int:
        staging.prepare(connection)
        with connection.cursor() as cursor:
            staging.fill(cursor, [line])
            cursor.execute("SELECT count(*) FROM staged_events")
            row = cursor.fetchone()
        return row[0] if row else 0

    def fill_and_fail(connection: Connection) -> None:
        fill(connection)
        raise LookupError

    assert await database.run(fill) == 1
    with pytest.raises(LookupError):
        await database.run(fill_and_fail)
    assert await database.run(fill) == 1
