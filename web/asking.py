"""Asking the database for a page that shows other things besides: an answer, or why none."""

from collections.abc import Callable
from typing import TypeVar

import psycopg2

from conscope_app.store.brief_reads import TooSlow
from conscope_app.store.engine import Connection, Database
from conscope_app.store.errors import reason_of
from web.patience import Asked, Unanswered

T = TypeVar("T")


def asked_of(
    database: Database,
    read: Callable[[Connection], T],
    *,
    fresh_s: float = 1.0,
    patience_s: float = 1.0,
) -> Asked[T]:
    """The newest of what `read` finds, shared by all who ask; see `Asked`."""

    async def ask() -> T:
        try:
            return await database.run(read)
        except (psycopg2.Error, TooSlow) as error:
            why = f"{database.where} does not answer: {reason_of(error)}"
            raise Unanswered(why) from error

    return Asked(ask, fresh_s=fresh_s, patience_s=patience_s)
