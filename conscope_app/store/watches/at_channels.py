"""How episodes stand at their channels: what was told of them, and what keeps the rest."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.alerting.watches.deliveries import Delivery
from conscope_app.alerting.watches.entries import Entry, Said
from conscope_app.domains.tickets.watched import SPELLINGS
from conscope_app.store.engine import Connection
from conscope_app.store.watches.definitions import last_definitions
from conscope_app.store.watches.entries import Read, read_episodes
from conscope_app.store.watches.silences import list_silences

Telling = Literal["waiting", "told", "acknowledged", "finished", "given_up"]

# The newest trouble is the entry's, or that of an edit of its message which was given up.
_TELLINGS = """
    SELECT episode, channel, given_up, finished_at, message, attempts,
        coalesce(entry.last_error, said.last_error), queued_at, reference, sent_at, edits,
        CASE WHEN edits > 0 THEN said_at END, gone_at
    FROM watch_entries entry LEFT JOIN watch_messages said USING (channel, message)
    WHERE episode = ANY(%(episodes)s)
    ORDER BY channel
"""


class Words(msgspec.Struct, frozen=True):
    """What a channel says of an episode: the price, whether it is over, and since when."""

    price: Decimal | None
    over: bool
    at: datetime


class AtChannel(msgspec.Struct, frozen=True):
    """An episode at one channel: what it says of it (null: nothing, or it is finished).

    `message` is our id of the newest message that told it, `reference` the channel's own; it was
    sent and edited at those moments, and is `gone` where somebody deleted it there. `attempts` are
    those that failed in a row. `held` says what holds back what waits, if anything does, and
    `due_at` until when that lasts.
    """

    channel: str
    state: Telling
    said: Words | None
    message: str | None
    attempts: int
    last_error: str | None
    held: str | None
    finished_at: datetime | None
    queued_at: datetime
    reference: str | None
    sent_at: datetime | None
    edits: int
    edited_at: datetime | None
    gone_at: datetime | None
    due_at: datetime | None


def at_channels(
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
    planned = _planned(connection, queues.values(), now)
    told: dict[str, list[AtChannel]] = defaultdict(list)
    for row in rows:
        episode, channel, given_up, finished_at, message, attempts, error, queued_at = row[:8]
        reference, sent_at, edits, edited_at, gone_at = row[8:]
        entry = queues[channel].entries.get(episode)
        plan = planned.get((channel, episode))
        told[episode].append(
            AtChannel(
                channel=channel,
                state="given_up" if given_up else _state(entry),
                said=None if entry is None else _words(entry.said),
                message=message,
                attempts=attempts,
                last_error=error,
                held=plan.reason or None if plan else None,
                finished_at=finished_at,
                queued_at=queued_at,
                reference=reference,
                sent_at=sent_at,
                edits=edits or 0,
                edited_at=edited_at,
                gone_at=gone_at,
                due_at=plan.not_before if plan and plan.not_before > now else None,
            )
        )
    return told


def _planned(
    connection: Connection, queues: Iterable[Read], now: datetime
) -> dict[tuple[str, str], Delivery]:
    """By channel and episode how it will be told, as far as that is seen from these episodes."""
    waiting = [read for read in queues if any(each.is_waiting for each in read.entries.values())]
    if not waiting:
        return {}
    watch_ids = {entry.watch_id for read in waiting for entry in read.entries.values()}
    watches = last_definitions(connection, watch_ids)
    silences = list_silences(connection, now)
    return {
        (delivery.channel, episode): delivery
        for read in waiting
        for delivery in read.queue.plan(watches.get, silences, now, SPELLINGS)
        for episode in delivery.episodes
        if read.entries[episode].is_waiting
    }


def _words(said: Said | None) -> Words | None:
    return None if said is None else Words(said.price, said.over, said.at)


def _state(entry: Entry | None) -> Telling:
    if entry is None:
        return "finished"
    if entry.acknowledged:
        return "acknowledged"
    return "waiting" if entry.is_waiting else "told"
