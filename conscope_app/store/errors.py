"""What an error of Postgres means: the database is away, the row is at fault, or it ends us."""

import psycopg2

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_AWAY_CLASSES = (
    "08",  # the connection
    "40",  # serialization failure, deadlock
    "53",  # out of disk, memory or connections
    "57",  # cancelled by a timeout, shutting down, starting up
    "58",  # its file system
)
_AWAY_CODES = (
    "25006",  # read-only: a standby that is about to take over
    "25P03",  # idle in a transaction for too long
    "55P03",  # a lock was not to be had in time
)
_IN_THE_WAY = (
    "40001",  # serialization failure
    "40P01",  # deadlock
    "55P03",  # a lock was not to be had in time
)
_ROW_CLASSES = (
    "22",  # the value does not fit its type
    "23",  # a constraint
    "54",  # the value does not fit an index
)
_OUT_OF_LOCKS = "53200"


def is_away(error: BaseException) -> bool:
    """Whether trying the same again later may work: nothing is wrong with what was asked."""
    if not isinstance(error, psycopg2.Error):
        return False
    if error.pgcode is not None:
        return error.pgcode[:2] in _AWAY_CLASSES or error.pgcode in _AWAY_CODES
    return is_cut_off(error)


def is_in_the_way(error: BaseException) -> bool:
    """Whether only another transaction was in the way: there is nothing wrong with the server."""
    return isinstance(error, psycopg2.Error) and error.pgcode in _IN_THE_WAY


def is_cut_off(error: psycopg2.Error) -> bool:
    """Whether there is no connection: it was refused, broken off, or silent for too long."""
    # These are libpq's own errors. They have no code, and psycopg2 raises them as one of three.
    return error.pgcode is None and type(error) in (
        psycopg2.OperationalError,
        psycopg2.InterfaceError,
        psycopg2.DatabaseError,
    )


def is_row_fault(error: BaseException) -> bool:
    """Whether the data is at fault: the same rows will be refused again."""
    if isinstance(error, psycopg2.Error) and error.pgcode is not None:
        return error.pgcode[:2] in _ROW_CLASSES
    return isinstance(error, psycopg2.DataError | psycopg2.IntegrityError | UnicodeError)


def is_too_wide(error: BaseException) -> bool:
    """Whether one transaction touched more tables than Postgres has locks for."""
    return isinstance(error, psycopg2.Error) and error.pgcode == _OUT_OF_LOCKS


def reason_of(error: BaseException | None) -> str:
    """The error in one line, without the statement, the row or a hint."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
