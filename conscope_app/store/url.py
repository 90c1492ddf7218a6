"""Where Postgres is: the url of the settings, taken apart once."""

from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

_DRIVER = "postgresql+psycopg2"

CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_S = 30

# Who stands still inside a transaction keeps its partitions from the next owner for so long.
IDLE_IN_TRANSACTION_S = 15

# A server whose host has vanished is noticed after 10 + 3 * 5 s of silence, or when what we sent is
# not acknowledged for 20 s. What a host that is alive but stuck does not answer is the business of
# `Database`.
_LIVENESS = {
    "connect_timeout": CONNECT_TIMEOUT_S,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}

# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-SSLMODE
_TLS_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_TLS_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")


class BadDatabaseUrl(Exception):
    """A database url that cannot be read; its message holds nothing of it, and so no password."""


def parse_url(url: str) -> URL:
    """The url for SQLAlchemy, always on psycopg2 (`postgresql://` alone means another driver)."""
    return _parsed(url).set(drivername=_DRIVER)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    is_postgres = parsed is not None and parsed.get_backend_name() in ("postgresql", "postgres")
    # A password with a raw `@` would have its end taken for the host, and shown as such.
    if parsed is None or not is_postgres or "@" in (parsed.host or ""):
        raise BadDatabaseUrl(
            "CONSCOPE_DATABASE_URL is no Postgres address; it reads "
            "postgresql+psycopg2://user:password@host:port/database, with the password's special "
            "characters in percent: %40 for @"
        )
    _check_tls(parsed)
    return parsed


def _check_tls(parsed: URL) -> None:
    """libpq would say it at each connection only, as if the server were away."""
    mode = parsed.query.get("sslmode", "prefer")
    if mode not in _TLS_MODES:
        raise BadDatabaseUrl(
            f"CONSCOPE_DATABASE_URL has an sslmode that does not exist; it is one of "
            f"{', '.join(_TLS_MODES)}"
        )
    for name in _TLS_FILES:
        path = _joined(parsed.query.get(name, ""))
        if path and path != "system" and not Path(path).is_file():
            raise BadDatabaseUrl(
                f"CONSCOPE_DATABASE_URL names a file that is not there: {name}={path}"
            )


def where(url: str) -> str:
    """The database's place in words that hold no password, for messages and pages."""
    parsed = _parsed(url)
    return f"Postgres at {parsed.host or 'localhost'}:{parsed.port or 5432}/{parsed.database}"


def connect_arguments(
    url: str, application_name: str = "conscope", *, statements: bool = True
) -> dict[str, Any]:
    """What `psycopg2.connect` is given; `statements` bounds how long one statement may take."""
    parsed = _parsed(url)
    options = "-c timezone=UTC -c client_encoding=UTF8"
    options += f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_S * 1000}"
    if statements:
        options += f" -c statement_timeout={STATEMENT_TIMEOUT_S * 1000}"
    place = {
        "host": parsed.host,
        "port": parsed.port,
        "user": parsed.username,
        "password": parsed.password,
        "dbname": parsed.database,
    }
    return {
        **_LIVENESS,
        "application_name": application_name,
        "options": options,
        **{name: part for name, part in place.items() if part is not None},
        **{name: _joined(value) for name, value in parsed.query.items()},
    }


def _joined(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ",".join(value)
