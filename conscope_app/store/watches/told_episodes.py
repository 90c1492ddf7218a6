"""Episodes for people, the newest first, each with what every channel was told of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.alerts.named_events import events_asked
from conscope_app.store.alerts.search import look_through
from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Connection
from conscope_app.store.watches.at_channels import AtChannel, Words, at_channels
from conscope_app.store.watches.episode_search import Filter, entries, search_of, values_of
from conscope_app.store.watches.stored_episodes import COLUMNS, StoredEpisode

__all__ = [
    "AtChannel",
    "EpisodePage",
    "Filter",
    "NoSuchEpisode",
    "ToldEpisode",
    "Words",
    "find_episodes",
    "get_episode",
    "list_episodes",
]

# Of what waits, so much is looked at for what holds it back: that is worked out, not stored.
MOST_HELD = 500

# What a courier does meanwhile is seen in all of the answer, or in nothing of it.
_ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"

_GET = f"SELECT {COLUMNS} FROM watch_episodes WHERE episode = %(episode)s"  # noqa: S608 the names are those of a class's fields

_AT = "SELECT raised_at FROM watch_episodes WHERE episode = %(after)s"


class ToldEpisode(StoredEpisode, frozen=True):
    """An alert, and how it stands at each channel that it was queued for."""

    channels: list[AtChannel]


class NoSuchEpisode(LookupError):
    """There is no episode to go on behind."""


class EpisodePage(NamedTuple):
    """Some episodes; `next` is the one behind which the list goes on, if it does.

    With `searched_to` the page is not full, as nothing else was found until there; further back
    there may be more. `is_cut`: so many events fit the words that not all were looked at.
    """

    episodes: list[ToldEpisode]
    next: str | None
    searched_to: datetime | None
    is_cut: bool


def list_episodes(connection: Connection, asked: Filter, now: datetime) -> list[ToldEpisode]:
    """Episodes by when they were raised, the newest first; raises `NoSuchEpisode`."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_MOMENT)
        return _page(connection, cursor, asked, now).episodes


def find_episodes(connection: Connection, asked: Filter, now: datetime) -> EpisodePage:
    """The same, with where the list goes on; may raise TooSlow too."""
    with briefly(connection) as cursor:
        return _page(connection, cursor, asked, now)


def get_episode(connection: Connection, episode: str, now: datetime) -> ToldEpisode | None:
    """The episode with this id."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_MOMENT)
        cursor.execute(_GET, {"episode": episode})
        found = [StoredEpisode(*row) for row in cursor.fetchall()]
        told = _told(connection, cursor, found, now)
    return told[0] if told else None


def _page(connection: Connection, cursor: Cursor, asked: Filter, now: datetime) -> EpisodePage:
    most = MOST_HELD if asked.reached == "held" else asked.limit
    after_at = None if asked.after is None else _raised_at(cursor, asked.after)
    values = {**values_of(asked, after_at), "limit": most + 1}
    search, those = search_of(asked), entries(asked)
    events = events_asked(cursor, asked.subject, asked.words)
    if events is not None:
        values["ids"] = events.ids
    end = None
    if those is None:
        of = None if events is None else "subject"
        rows, end = look_through(cursor, search, values, of)
    else:
        if events is not None:
            search = search._replace(tests=[*search.tests, "subject = ANY(%(ids)s)"])
        cursor.execute(search.of_those("episode", those), values)
        rows = cursor.fetchall()
    found = [StoredEpisode(*row) for row in rows]
    looked_at = found[:most]
    told = _told(connection, cursor, looked_at, now)
    if asked.reached == "held":
        told = [each for each in told if _is_held(each, asked.channel)]
    shown, is_cut = told[: asked.limit], events is not None and events.is_cut
    if len(told) > len(shown) or (len(found) > most and asked.reached != "held"):
        return EpisodePage(shown, shown[-1].episode, None, is_cut)
    if len(found) > most:
        return EpisodePage(shown, looked_at[-1].episode, looked_at[-1].raised_at, is_cut)
    searched_to, last = end or (None, None)
    return EpisodePage(shown, last, searched_to, is_cut)


def _raised_at(cursor: Cursor, episode: str) -> datetime:
    cursor.execute(_AT, {"after": episode})
    if (row := cursor.fetchone()) is None:
        raise NoSuchEpisode(f"there is no episode {episode!r}")
    raised_at: datetime = row[0]
    return raised_at


def _is_held(told: ToldEpisode, channel: str | None) -> bool:
    return any(each.held and channel in (None, each.channel) for each in told.channels)


def _told(
    connection: Connection, cursor: Cursor, found: Sequence[StoredEpisode], now: datetime
) -> list[ToldEpisode]:
    tellings = at_channels(connection, cursor, [each.episode for each in found], now)
    return [
        ToldEpisode(**msgspec.structs.asdict(each), channels=tellings[each.episode])
        for each in found
    ]
