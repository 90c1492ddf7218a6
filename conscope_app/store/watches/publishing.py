"""What of the watches is to be published, who is at it, and what has been published.

Publishing is at-least-once: who takes rows has them leased, and notes what it has published. Where
it dies in between, the lease runs out and another publishes the same again; readers ignore what is
not newer. Leases go by the database's clock.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec

from conscope_app.alerting.watches.watch import Watch
from conscope_app.store.engine import Connection
from conscope_app.store.watches.definitions import decode_definition

# So long a batch waits whose publisher died; one that is alive lengthens it (`leased`).
LEASE_S = 20.0

_TAKE = """
    UPDATE watches SET leased_by = %(holder)s,
        leased_until = clock_timestamp() + %(lease_s)s * interval '1 second'
    WHERE id IN (
        SELECT id FROM watches
        WHERE published_version IS DISTINCT FROM version
            AND (leased_by IS NULL OR leased_by = %(holder)s OR leased_until < clock_timestamp())
        ORDER BY changed_at, id
        LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED
    )
    RETURNING changed_at, id, version, definition::text, deleted_at IS NOT NULL, published_subjects
"""

_KEEP = """
    UPDATE watches SET leased_until = clock_timestamp() + %(lease_s)s * interval '1 second'
    WHERE id = ANY(%(ids)s) AND leased_by = %(holder)s
    RETURNING id
"""

# What another has published meanwhile is newer, but what we published may stand behind it in the
# log, where compaction keeps the last one: it is published once more.
_NOTE = """
    UPDATE watches w SET
        published_version = CASE WHEN w.published_version > done.version THEN NULL
            ELSE done.version END,
        published_subjects = CASE WHEN w.published_version > done.version
            THEN w.published_subjects ELSE done.subjects END,
        leased_by = CASE WHEN w.leased_by = %(holder)s THEN NULL ELSE w.leased_by END
    FROM (
        SELECT id, version, subjects
        FROM json_to_recordset(%(done)s::json) AS _(id text, version integer, subjects text[])
    ) AS done
    WHERE w.id = done.id
"""

_GIVE_BACK = """
    UPDATE watches SET leased_by = NULL WHERE id = ANY(%(ids)s) AND leased_by = %(holder)s
"""

_NOT_WATCHED = """
    SELECT subject FROM unnest(%(subjects)s::text[]) AS subject
    WHERE NOT EXISTS (SELECT FROM watches WHERE published_subjects = '{}'::text[])
        AND NOT EXISTS (SELECT FROM watches WHERE published_subjects @> ARRAY[subject])
"""

_KNOWN_SUBJECTS = "SELECT event_id FROM events ORDER BY event_id"


class Published(NamedTuple):
    """What is noted of a publication. `subjects` is None where no prices are forwarded for it: it
    is no more, or asks for none.
    """

    id: str
    version: int
    subjects: tuple[str, ...] | None


class Unpublished(NamedTuple):
    """A watch of which workers do not know the newest version.

    `watch` is None where it was deleted. `before` are the subjects that workers know it is about
    (none: all), None where they do not know of it.
    """

    id: str
    version: int
    watch: Watch | None
    before: tuple[str, ...] | None

    @property
    def published(self) -> Published:
        """What is to be noted when it has been published."""
        if self.watch is None or not self.watch.needs_prices:
            return Published(self.id, self.version, None)
        return Published(self.id, self.version, self.watch.what.subjects)


def take(
    connection: Connection, holder: str, *, limit: int = 100, lease_s: float = LEASE_S
) -> list[Unpublished]:
    """Lease the watches that are to be published, those first that wait longest.

    Nobody else is given them before `lease_s` have passed; the same holder is.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"holder": holder, "limit": limit, "lease_s": lease_s})
        rows = sorted(cursor.fetchall(), key=lambda row: row[:2])
    return [
        Unpublished(
            watch_id,
            version,
            None if is_deleted else decode_definition(definition, version),
            None if before is None else tuple(before),
        )
        for _, watch_id, version, definition, is_deleted, before in rows
    ]


def keep(
    connection: Connection, holder: str, ids: Collection[str], *, lease_s: float = LEASE_S
) -> set[str]:
    """Lengthen the lease of these watches; those of them that the holder still has."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"holder": holder, "ids": list(ids), "lease_s": lease_s})
        return {watch_id for (watch_id,) in cursor.fetchall()}


def note(connection: Connection, holder: str, published: Sequence[Published]) -> None:
    """Note what is in Kafka now, and give the leases back.

    What another has published in a newer version meanwhile, the lease having run out, is to be
    published again: readers take what stands last.
    """
    done = msgspec.json.encode([each._asdict() for each in published]).decode()
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"holder": holder, "done": done})


def give_back(connection: Connection, holder: str, ids: Collection[str]) -> None:
    """Let others publish what the holder could not."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, {"holder": holder, "ids": list(ids)})


def not_watched(connection: Connection, subjects: Collection[str]) -> list[str]:
    """Those of these subjects of which no watch that workers know is about."""
    with connection.cursor() as cursor:
        cursor.execute(_NOT_WATCHED, {"subjects": list(subjects)})
        return [subject for (subject,) in cursor.fetchall()]


def known_subjects(connection: Connection) -> list[str]:
    """Every subject that has a price in the history, in order."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN_SUBJECTS)
        return [subject for (subject,) in cursor.fetchall()]
