"""Why a watch told something, or did not: what it found live, and a run through the history."""

from datetime import datetime, timedelta

import msgspec

from conscope_app.alerting.watches.watch import Watch
from conscope_app.store.engine import Connection
from conscope_app.store.watches.history import By
from conscope_app.store.watches.rehearsal import Asked, IsEnough, Rehearsed, rehearse
from conscope_app.store.watches.stored_episodes import StoredEpisode, episodes_of

# A watch acts by what it has seen before: a month of it, or all since it was made.
LONGEST_RUN_UP = timedelta(days=30)


class Question(msgspec.Struct, frozen=True, kw_only=True, tag="why"):
    """What one wants to know: what a watch made of everything from a moment until another."""

    watch: Watch
    made_at: datetime
    since: datetime
    until: datetime
    by: By = "recorded"
    most_traces: int = 1_000


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """`episodes` are what was found live. `run` goes through the stored prices once more.

    The run takes the watch as it is defined now, so that it says something else than `episodes`
    where the watch was another one then.
    """

    watch_id: str
    version: int
    since: datetime
    until: datetime
    episodes: list[StoredEpisode]
    run: Rehearsed


def explain(
    connection: Connection,
    question: Question,
    *,
    is_enough: IsEnough = lambda: False,
) -> Explained:
    """Answer the question, from the history alone, until it `is_enough`."""
    watch, since, until = question.watch, question.since, question.until
    begin = min(since, max(question.made_at, since - LONGEST_RUN_UP))
    run = rehearse(
        connection,
        Asked(
            watch=watch,
            since=begin,
            until=until,
            by=question.by,
            traced=(since, until),
            most_traces=question.most_traces,
        ),
        is_enough=is_enough,
    )
    return Explained(
        watch_id=watch.id,
        version=watch.version,
        since=since,
        until=until,
        episodes=episodes_of(connection, watch.id, since, until),
        run=run,
    )
