"""What there is to do beside folding: asked before it is begun, since mostly there is nothing."""

from datetime import datetime
from typing import NamedTuple

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

TO_DO = """
SELECT EXISTS (SELECT FROM event_news),
    EXISTS (SELECT FROM price_spans WHERE is_uncounted),
    EXISTS (
        SELECT FROM event_markets
        WHERE refreshed_at < %(before)s AND NOT of_snapshots AND members IS NULL
    )
"""


class ToDo(NamedTuple):
    """Whether there is anything of each kind; all of it need not be due."""

    has_news: bool  # of lines of the overview
    has_uncounted: bool  # spans without their quartiles
    has_stale: bool  # lines that were brought up to date long ago


def to_do(cursor: Cursor, *, before: datetime) -> ToDo:
    """What there is, with lines last brought up to date before a moment; by indexes."""
    cursor.execute(TO_DO, {"before": before})
    return ToDo(*cursor.fetchall()[0])
