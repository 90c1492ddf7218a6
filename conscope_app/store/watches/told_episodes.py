"""Episodes for people, the newest first, each with what every channel was told of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.alerting.watches.entries import Entry, Said
from conscope_app.store.engine import Connection
from conscope_app.store.watches.definitions import last_definitions
from conscope_app.store.watches.entries import Read, read_episodes
from conscope_app.store.watches.silences import list_silences
from conscope_app.store.watches.stored_episodes import COLUMNS, StoredEpisode

Status = Literal["raised", "over"]

Telling = Literal["waiting", "told", "acknowledged", "finished", "given_up"]

# What a courier does meanwhile is seen in all of the answer, or in nothing of it.
_ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"

# The episode that `after` names is on the page before.
_LIST = f"""
    SELECT {COLUMNS} FROM watch_episodes
    WHERE (%(watch)s::text IS NULL OR watch_id = %(watch)s)
        AND (%(subject)s::text IS NULL OR subject = %(subject)s)
        AND (%(is_over)s::boolean IS NULL OR (over_at IS NOT NULL) = %(is_over)s)
        AND (%(after_at)s::timestamptz IS NULL
            OR (raised_at, episode) < (%(after_at)s::timestamptz, %(after)s))
    ORDER BY raised_at DESC, episode DESC
    LIMIT %(limit)s
"""  # noqa: S608 the names are those of a class's fields
_GET = f"SELECT {COLUMNS} FROM watch_episodes WHERE episode = %(episode)s"  # noqa: S608 the same

_AT = "SELECT raised_at FROM watch_episodes WHERE episode = %(after)s"

# The newest trouble is the entry's, or that of an edit of its message which was given up.
_TELLINGS = """
    SELECT episode, channel, given_up, finished_at, message, attempts,
        coalesce(entry.last_error, said.last_error)
    FROM watch_entries entry LEFT JOIN watch_messages said USING (channel, message)
    WHERE episode = ANY(%(episodes)s)
    ORDER BY channel
"""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which episodes; what is left out takes them all. `after` is the last one of a page."""

    watch: str | None = None
    subject: str | None = None
    status: Status | None = None
    after: str | None = None
    limit: int = 50


class Words(msgspec.Struct, frozen=True):
    """What a channel says of an episode: the price, whether it is over, and since when."""

    price: Decimal | None
    over: bool
    at: datetime


class AtChannel(msgspec.Struct, frozen=True):
    """An episode at one channel: what it says of it (null: nothing, or it is finished).

    `message` is our id of the newest message that told it. `attempts` are those that failed in a
    row. `held` says what holds back what waits, if anything does.
    """

    channel: str
    state: Telling
    said: Words | None
    message: str | None
    attempts: int
    last_error: str | None
    held: str | None
    finished_at: datetime | None


class ToldEpisode(StoredEpisode, frozen=True):
    """An alert, and how it stands at each channel that it was queued for."""

    channels: list[AtChannel]


class NoSuchEpisode(LookupError):
    """There is no episode to go on behind."""


def list_episodes(connection: Connection, asked: Filter, now: datetime) -> list[ToldEpisode]:
    """Episodes by when they were raised, the newest first; raises `NoSuchEpisode`."""
    values = {**msgspec.structs.asdict(asked), "after_at": None, "is_over": None}
    if asked.status is not None:
        values["is_over"] = asked.status == "over"
    with connection.cursor() as cursor:
        cursor.execute(_ONE_MOMENT)
        if asked.after is not None:
            cursor.execute(_AT, values)
            if (row := cursor.fetchone()) is None:
                raise NoSuchEpisode(f"there is no episode {asked.after!r}")
            (values["after_at"],) = row
        return _told(connection, cursor, _LIST, values, now)


def get_episode(connection: Connection, episode: str, now: datetime) -> ToldEpisode | None:
    """The episode with this id."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_MOMENT)
        found = _told(connection, cursor, _GET, {"episode": episode}, now)
    return found[0] if found else None


def _told(
    connection: Connection,
    cursor: Cursor,
    query: str,
    values: Mapping[str, Any],
    now: datetime,
) -> list[ToldEpisode]:
    cursor.execute(query, values)
    found = [StoredEpisode(*row) for row in cursor.fetchall()]
    tellings = _tellings(connection, cursor, [each.episode for each in found], now)
    return [
        ToldEpisode(**msgspec.structs.asdict(each), channels=tellings[each.episode])
        for each in found
    ]


def _tellings(
    connection: Connection, cursor: Cursor, episodes: Sequence[str], now: datetime
) -> Mapping[str, list[AtChannel]]:
    """By episode, how it stands at each channel, in the order of their names."""
    cursor.execute(_TELLINGS, {"episodes": episodes})
    rows = cursor.fetchall()
    at_channel: dict[str, list[str]] = defaultdict(list)
    for episode, channel, *_ in rows:
        at_channel[channel].append(episode)
    queues = {
        channel: read_episodes(cursor, channel, there) for channel, there in at_channel.items()
    }
    held = _held(connection, queues.values(), now)
    told: dict[str, list[AtChannel]] = defaultdict(list)
    for episode, channel, given_up, finished_at, message, attempts, error in rows:
        entry = queues[channel].entries.get(episode)
        told[episode].append(
            AtChannel(
                channel,
                "given_up" if given_up else _state(entry),
                None if entry is None else _words(entry.said),
                message,
                attempts,
                error,
                held.get((channel, episode)),
                finished_at,
            )
        )
    return told


def _held(
    connection: Connection, queues: Iterable[Read], now: datetime
) -> dict[tuple[str, str], str]:
    """By channel and episode what holds it back, as far as that is seen from these episodes."""
    waiting = [read for read in queues if any(each.is_waiting for each in read.entries.values())]
    if not waiting:
        return {}
    watch_ids = {entry.watch_id for read in waiting for entry in read.entries.values()}
    watches = last_definitions(connection, watch_ids)
    silences = list_silences(connection, now)
    return {
        (delivery.channel, episode): delivery.reason
        for read in waiting
        for delivery in read.queue.plan(watches.get, silences, now)
        for episode in delivery.episodes
        if delivery.reason and read.entries[episode].is_waiting
    }


def _words(said: Said | None) -> Words | None:
    return None if said is None else Words(said.price, said.over, said.at)


def _state(entry: Entry | None) -> Telling:
    if entry is None:
        return "finished"
    if entry.acknowledged:
        return "acknowledged"
    return "waiting" if entry.is_waiting else "told"
