"""The database's URL: its parameters for TLS reach libpq, and mistakes in them are told at once."""

from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy.engine import make_url

from conscope_app.audit.postgres import connect
from conscope_app.store.url import BadDatabaseUrl, connect_arguments, parse_url, where

URL = "postgresql://me:hunter2@h:1/d"


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    path = tmp_path / "with a blank.pem"
    path.touch()
    return path


def test_parameters_of_libpq_are_kept(authority: Path) -> None:
    """By the connections of workers and `migrate`, and by those of the audit."""
    url = f"{URL}?sslmode=verify-full&sslrootcert={quote(str(authority))}"
    engine = connect(url)

    for arguments in (
        connect_arguments(url),
        engine.dialect.create_connect_args(parse_url(url))[1],
    ):
        assert arguments["sslmode"] == "verify-full"
        assert arguments["sslrootcert"] == str(authority)
    assert engine.url == make_url(url).set(drivername="postgresql+psycopg2")


@pytest.mark.parametrize("name", ["sslrootcert", "sslcert", "sslkey", "sslcrl"])
def test_a_file_that_is_not_there_is_told_at_once(name: str) -> None:
    """libpq would say it at each connection, as if the server were away."""
    with pytest.raises(BadDatabaseUrl, match=f"{name}=/nowhere/file.pem") as told:
        where(f"{URL}?sslmode=verify-full&{name}=/nowhere/file.pem")

    assert "hunter2" not in str(told.value)


def test_the_systems_authorities_are_no_file() -> None:
    """`sslrootcert=system` is libpq's own word."""
    arguments = connect_arguments(f"{URL}?sslmode=verify-full&sslrootcert=system")

    assert arguments["sslrootcert"] == "system"


def test_a_mode_that_does_not_exist_is_told_at_once() -> None:
    with pytest.raises(BadDatabaseUrl, match="one of disable, allow, prefer, require, verify-ca"):
        parse_url(f"{URL}?sslmode=verify_full")


def test_where_it_is_holds_no_secret() -> None:
    """Neither the password nor a parameter."""
    assert where(f"{URL}?password=hunter2") == "Postgres at h:1/d"
