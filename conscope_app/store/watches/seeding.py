"""What the history tells of the time before a watch was made, for the log that watches read."""

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

from conscope_app.alerting.watches.history import reach_of, seeds_of
from conscope_app.alerting.watches.signals import Seed
from conscope_app.alerting.watches.watch import LONGEST_WINDOW_DAYS, Watch
from conscope_app.domains.tickets.watched import SPELLINGS
from conscope_app.store.engine import Connection
from conscope_app.store.watches.history import (
    Newest,
    Span,
    newest_prices,
    prices_by_subject,
)

logger = logging.getLogger(__name__)

# How long the history of one watch may take to be read. What it measures from begins later then.
LONGEST_READ_S = 10.0

_POSITIONS = """
SELECT partition, next_offset FROM sink_positions
WHERE consumer_group = %s AND topic = %s AND next_offset IS NOT NULL
"""


class Sown(NamedTuple):
    """The pasts that a watch needs at a subject."""

    subject: str
    seeds: tuple[Seed, ...]


def sink_positions(connection: Connection, group: str, topic: str) -> dict[int, int]:
    """Up to which offset of each partition a sink has written."""
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS, (group, topic))
        return dict(cursor.fetchall())


def newest_of(connection: Connection, subjects: Collection[str], now: datetime) -> list[Newest]:
    """The newest price of each seat of these subjects, oldest first."""
    since = now - timedelta(days=LONGEST_WINDOW_DAYS)
    return [*newest_prices(connection, Span(subjects, since, now + timedelta(days=1)))]


def seeds_for(
    connection: Connection,
    watch: Watch,
    subjects: Collection[str],
    now: datetime,
    monotonic: Callable[[], float],
) -> list[Sown]:
    """The pasts that a watch needs at these subjects; as far as they can be read in time."""
    span = Span(subjects, now - reach_of(watch), now + timedelta(days=1))
    until = monotonic() + LONGEST_READ_S
    sown = []
    for subject, signals in prices_by_subject(connection, span):
        in_time = takewhile(lambda _: monotonic() < until, signals)
        seeds = seeds_of(watch, subject, in_time, SPELLINGS)
        if monotonic() >= until:
            logger.warning("watch %s: the history of %s takes too long", watch.id, subject)
            break
        sown.append(Sown(subject, seeds))
    return sown
