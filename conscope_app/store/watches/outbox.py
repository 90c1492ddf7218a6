"""The outbox of watches in Postgres: `watch_entries` and what belongs to them, by channel."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.alerting.outbox import OutboxAway
from conscope_app.alerting.watches.channel_queue import KEPT_FINISHED
from conscope_app.alerting.watches.entries import Entry
from conscope_app.alerting.watches.telling import (
    Choose,
    Look,
    MaySend,
    Task,
    TellingNote,
    Turn,
    Waiting,
    announcement_of,
)
from conscope_app.core.clock import Clock
from conscope_app.domains.tickets.watched import SPELLINGS
from conscope_app.store import targets
from conscope_app.store.engine import Connection, Database
from conscope_app.store.errors import reason_of
from conscope_app.store.watches.attempts import note_attempt
from conscope_app.store.watches.channels import LONGEST_LEASE_S, target_of
from conscope_app.store.watches.definitions import last_definitions
from conscope_app.store.watches.entries import (
    Read,
    read_episodes,
    read_waiting,
    write_changes,
)
from conscope_app.store.watches.messages import read_messages
from conscope_app.store.watches.silences import list_silences

T = TypeVar("T")

# What a domain adds for people to episodes, by episode: `announcement` says which facts there are.
FactsOf = Callable[[Connection, Sequence[Entry]], Mapping[str, Mapping[str, str]]]

_LOOK = """
    SELECT coalesce(%(clock)s, clock_timestamp()),
        coalesce((SELECT max(revision) FROM watch_entries WHERE channel = %(name)s), 0),
        EXISTS (SELECT FROM watch_entries WHERE channel = %(name)s AND waiting),
        EXISTS (
            SELECT FROM delivery_targets WHERE channel = %(channel)s
            AND split_part(leased_by, '/', 1) = split_part(%(holder)s, '/', 1))
"""
_NOW = "SELECT coalesce(%(clock)s, clock_timestamp())"
_REVISION = "SELECT coalesce(max(revision), 0) FROM watch_entries WHERE channel = %(name)s"

# What was over and acknowledged is not always noted as finished: nobody looked at it again.
_FORGET = """
    DELETE FROM watch_entries WHERE (channel, episode) IN (
        SELECT channel, episode FROM watch_entries e
        WHERE channel = %(name)s AND NOT waiting AND (finished_at < %(before)s
            OR finished_at IS NULL AND EXISTS (
                SELECT FROM watch_episodes o
                WHERE o.episode = e.episode AND o.over_at < %(before)s))
        LIMIT %(at_most)s)
"""
_FORGET_MESSAGES = """
    DELETE FROM watch_messages WHERE (channel, message) IN (
        SELECT channel, message FROM watch_messages m
        WHERE channel = %(name)s AND said_at < %(before)s AND NOT EXISTS (
            SELECT FROM watch_entries e WHERE (e.channel, e.message) = (m.channel, m.message))
        LIMIT %(at_most)s)
"""


class PostgresWatchOutbox:
    """Keeps the promises of `alerting.watches.telling.WatchOutbox`, each method in one transaction.

    Moments are the database's clock's; `clock` replaces it where a test moves the time.
    """

    def __init__(
        self, database: Database, *, facts_of: FactsOf, clock: Clock | None = None
    ) -> None:
        self._database = database
        self._facts_of = facts_of
        self._clock = clock

    async def look(self, channel: str, *, holder: str) -> Look:
        """See whether there is anything to do; nothing is changed."""
        return await self._run(partial(_look, values=self._values(channel, holder)))

    async def take(
        self,
        channel: str,
        *,
        holder: str,
        lease_s: float,
        take_over_before: datetime | None,
        may_send: MaySend,
        choose: Choose,
        among: Collection[str] | None = None,
    ) -> Turn:
        """Lease the channel, choose what to tell, and note that it is on its way."""
        if lease_s > LONGEST_LEASE_S:
            raise ValueError(f"no lease may be longer than {LONGEST_LEASE_S} s: {lease_s} s")
        values = {**self._values(channel, holder), "lease_s": lease_s}

        def work(connection: Connection) -> Turn:
            held = targets.hold(connection, values)
            if held.is_elsewhere(holder, take_over_before):
                return Turn(target=held.target, elsewhere=True)
            if not may_send(held.target):
                _give_back(connection, values, held)
                return Turn(target=held.target, hindered=True)
            with connection.cursor() as cursor:
                read = _read(cursor, channel, among)
                turn = self._chosen(connection, cursor, Turn(target=held.target), read, choose)
            if turn.task is None:
                _give_back(connection, values, held)
            else:
                targets.lease(connection, values, held.target.now)
            return turn

        return await self._run(work)

    async def note(self, channel: str, note: TellingNote, *, holder: str, lease_s: float) -> bool:
        """Write down what came of it, and lengthen the lease; whether the lease is still ours."""

        def work(connection: Connection) -> bool:
            mine = targets.write_note(
                connection,
                target_of(channel),
                note,
                holder=holder,
                lease_s=lease_s,
                clock=self._clock,
            )
            if note.task is not None:
                with connection.cursor() as cursor:
                    cursor.execute(_NOW, {"clock": self._clock and self._clock()})
                    ((now,),) = cursor.fetchall()
                    at = min(note.reckoned_at or now, now)
                    task = note.task
                    note_attempt(connection, cursor, channel, note, task, at=at, is_ours=mine)
            return mine

        return await self._run(work)

    async def release(self, channel: str, *, holder: str) -> None:
        """Give the lease back, if it is ours."""
        await self._run(partial(targets.release, values=self._values(channel, holder)))

    async def forget(self, channel: str, *, at_most: int) -> int:
        """Forget the oldest of what has been finished for so long that no decision comes again."""
        return await self._run(
            lambda connection: _forget(connection, self._values(channel, ""), at_most)
        )

    def _chosen(
        self,
        connection: Connection,
        cursor: Cursor,
        turn: Turn,
        read: Read,
        choose: Choose,
    ) -> Turn:
        """What is to be told now, noted as being on its way; or when something will be due."""
        now, channel = turn.target.now, read.queue.channel
        watches = last_definitions(connection, {each.watch_id for each in read.entries.values()})
        waiting = Waiting(
            queue=read.queue,
            watch_of=watches.get,
            silences=tuple(list_silences(connection, now)),
            now=now,
            messages=read_messages(cursor, channel, read.messages),
            suspects=read.suspects,
            spellings=SPELLINGS,
        )
        choice = choose(waiting)
        task = None
        if choice.delivery is not None:
            delivery = choice.delivery
            told = {episode: read.entries[episode] for episode in delivery.episodes}
            facts = self._facts_of(connection, list(told.values()))
            task = Task(
                delivery=delivery,
                announcement=announcement_of(delivery, told, watches.get, facts),
                edits=choice.edits,
                attempts=max(read.attempts[episode] for episode in told),
                new_on_way=frozenset(
                    episode for episode, entry in told.items() if not entry.on_its_way
                ),
            )
            read.queue.sending(delivery)
        write_changes(cursor, read)
        cursor.execute(_REVISION, {"name": channel})
        ((revision,),) = cursor.fetchall()
        return replace(
            turn, task=task, revision=revision, next_at=choice.next_at, ahead=choice.ahead
        )

    def _values(self, channel: str, holder: str) -> dict[str, Any]:
        return {
            "channel": target_of(channel),
            "name": channel,
            "holder": holder,
            "clock": self._clock and self._clock(),
        }

    async def _run(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.run(work)
        except psycopg2.Error as error:
            raise OutboxAway(reason_of(error)) from error


def _look(connection: Connection, values: Mapping[str, Any]) -> Look:
    with targets.single_statement(connection), connection.cursor() as cursor:
        cursor.execute(_LOOK, values)
        ((now, revision, waits, is_leased_to_us),) = cursor.fetchall()
    return Look(now=now, revision=revision, waits=waits, is_leased_to_us=is_leased_to_us)


def _read(cursor: Cursor, channel: str, among: Collection[str] | None) -> Read:
    if among is None:
        return read_waiting(cursor, channel)
    return read_episodes(cursor, channel, among)


def _give_back(connection: Connection, values: Mapping[str, Any], held: targets.Held) -> None:
    """End the lease of a channel that is held: ours, an earlier life's, or one that is over."""
    if held.leased_by is not None:
        targets.release(connection, {**values, "holder": held.leased_by})


def _forget(connection: Connection, values: Mapping[str, Any], at_most: int) -> int:
    held = targets.hold(connection, {**values, "lease_s": LONGEST_LEASE_S})
    before = held.target.now - (KEPT_FINISHED + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {**values, "before": before, "at_most": at_most})
        forgotten = cursor.rowcount
        cursor.execute(_FORGET_MESSAGES, {**values, "before": before, "at_most": at_most})
    return forgotten
