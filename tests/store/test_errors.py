"""What an error of Postgres means, asked of a real one where it can be."""

import psycopg2
import pytest

from conscope_app.store.engine import Database
from conscope_app.store.errors import is_away, is_row_fault, is_too_wide, reason_of


def raised(sqlstate: str) -> str:
    """A statement that fails with this code."""
    return f"DO $$ BEGIN RAISE 'as asked' USING ERRCODE = '{sqlstate}'; END $$"


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("statement", "away", "at_fault"),
    [
        pytest.param(raised("40P01"), True, False, id="deadlock"),
        pytest.param(raised("40001"), True, False, id="serialization failure"),
        pytest.param(raised("53100"), True, False, id="disk full"),
        pytest.param(raised("53300"), True, False, id="too many connections"),
        pytest.param(raised("57P01"), True, False, id="shutting down"),
        pytest.param(raised("58030"), True, False, id="its disk fails"),
        pytest.param(raised("08006"), True, False, id="connection failure"),
        pytest.param(raised("25006"), True, False, id="a standby"),
        pytest.param("SET LOCAL statement_timeout=1; SELECT pg_sleep(9)", True, False, id="slow"),
        pytest.param("SELECT pg_terminate_backend(pg_backend_pid())", True, False, id="ended"),
        pytest.param("SELECT 1/0", False, True, id="division by zero"),
        pytest.param("SELECT 'x'::numeric", False, True, id="no number"),
        pytest.param("SELECT '9'::numeric ^ 999999", False, True, id="too large a number"),
        pytest.param(raised("23514"), False, True, id="a check"),
        pytest.param(raised("54000"), False, True, id="too long for an index"),
        pytest.param("SELECT FROM nowhere", False, False, id="no such table"),
        pytest.param("SELEKT", False, False, id="no SQL"),
        pytest.param(raised("42501"), False, False, id="no permission"),
    ],
)
async def test_an_error_means_one_thing(
    database: Database, statement: str, away: bool, at_fault: bool
) -> None:
    """Try again, refuse the row, or end the worker."""
    with pytest.raises(psycopg2.Error) as caught:
        await database.run(lambda c: c.cursor().execute(statement))

    assert is_away(caught.value) is away
    assert is_row_fault(caught.value) is at_fault


@pytest.mark.postgres
async def test_only_missing_locks_make_a_batch_too_wide(database: Database) -> None:
    """Out of shared memory is the one shortage that smaller transactions help against."""
    with pytest.raises(psycopg2.Error) as caught:
        await database.run(lambda c: c.cursor().execute(raised("53200")))

    assert is_too_wide(caught.value)
    assert not is_too_wide(psycopg2.OperationalError("disk full"))


def test_text_that_is_no_unicode_is_the_rows_fault() -> None:
    """A lone surrogate cannot be sent to Postgres at all."""
    with pytest.raises(UnicodeEncodeError) as caught:
        "\ud800".encode()

    assert is_row_fault(caught.value)
    assert not is_away(caught.value)


def test_a_bug_of_ours_is_neither() -> None:
    """It ends the worker instead of throwing records away."""
    assert not is_away(KeyError("x"))
    assert not is_row_fault(KeyError("x"))
    assert not is_row_fault(psycopg2.ProgrammingError("can't adapt type 'Seat'"))


def test_a_reason_is_one_line() -> None:
    """Neither the statement nor the row's content follows it into a page."""
    error = psycopg2.OperationalError("\nconnection refused\n\tIs the server running?\n")

    assert reason_of(error) == "connection refused"
    assert reason_of(TimeoutError()) == "TimeoutError"
