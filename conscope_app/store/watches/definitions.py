"""The definitions of watches: made, changed, read and deleted, each change under a new version."""

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from conscope_app.alerting.watches.watch import Watch
from conscope_app.store.engine import Connection

# The version is a column of its own, which the store counts.
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Watch).decode

# Whoever tells asks for the same definitions with every message; each takes about two kilobytes.
_KEPT_DECODED = 5_000

_INSERT = """
    INSERT INTO watches (id, version, definition, subjects)
    VALUES (%(id)s, 1, %(definition)s, %(subjects)s)
    ON CONFLICT (id) DO NOTHING
    RETURNING version
"""

_LOCK = """
    SELECT version, definition::text, deleted_at IS NOT NULL
    FROM watches WHERE id = %(id)s FOR UPDATE
"""

_CHANGE = """
    UPDATE watches SET version = version + 1, definition = %(definition)s, subjects = %(subjects)s,
        changed_at = clock_timestamp(), deleted_at = NULL,
        made_at = CASE WHEN deleted_at IS NULL THEN made_at ELSE clock_timestamp() END
    WHERE id = %(id)s
    RETURNING version
"""

_DELETE = """
    UPDATE watches SET version = version + 1, changed_at = clock_timestamp(),
        deleted_at = clock_timestamp()
    WHERE id = %(id)s
"""

_STORED = """
    SELECT definition::text, version, made_at, changed_at,
        published_version IS NOT DISTINCT FROM version
    FROM watches
"""
_GET = f"{_STORED} WHERE id = %(id)s AND deleted_at IS NULL"
_LIST = f"""{_STORED}
    WHERE deleted_at IS NULL AND id > %(after)s
        AND (%(subject)s::text IS NULL OR subjects = '{{}}' OR %(subject)s = ANY(subjects))
    ORDER BY id LIMIT %(limit)s
"""
_IDS = "SELECT id FROM watches WHERE deleted_at IS NULL ORDER BY id"
_LAST = "SELECT id, definition::text, version FROM watches WHERE id = ANY(%(ids)s)"


class Stored(msgspec.Struct, frozen=True):
    """A watch as it is kept. `is_published`: running workers have been told of this version."""

    watch: Watch
    made_at: datetime
    changed_at: datetime
    is_published: bool


class Put(msgspec.Struct, frozen=True):
    """What became of a definition that was put: the watch in its version, and what it was."""

    watch: Watch
    is_new: bool
    is_changed: bool


class VersionMismatch(Exception):
    """Somebody changed the watch meanwhile; `found` is its version, None where there is none."""

    def __init__(self, watch_id: str, found: int | None) -> None:
        there_is = "there is none" if found is None else f"it is in version {found}"
        super().__init__(f"{watch_id} is not in the version that was asked for: {there_is}")
        self.found = found


def put(connection: Connection, watch: Watch, *, expected: int | None = None) -> Put:
    """Keep a watch under its id; the version is counted here, whatever the definition says.

    The definition that is kept already gets no new version. With `expected` it is changed in that
    version only, with 0 only made; otherwise `VersionMismatch`.
    """
    values = {
        "id": watch.id,
        "definition": encode_definition(watch),
        "subjects": list(watch.what.subjects),
    }
    with connection.cursor() as cursor:
        if not expected:
            cursor.execute(_INSERT, values)
            if (row := cursor.fetchone()) is not None:
                return Put(_in_version(watch, row[0]), is_new=True, is_changed=True)
        cursor.execute(_LOCK, values)
        row = cursor.fetchone()
        version, definition, is_deleted = (0, "", True) if row is None else row
        if expected is not None and expected != (0 if is_deleted else version):
            raise VersionMismatch(watch.id, None if is_deleted else version)
        kept = None if is_deleted else decode_definition(definition, version)
        if kept == _in_version(watch, version):
            return Put(kept, is_new=False, is_changed=False)
        cursor.execute(_CHANGE, values)
        ((version,),) = cursor.fetchall()
    return Put(_in_version(watch, version), is_new=is_deleted, is_changed=True)


def delete(connection: Connection, watch_id: str, *, expected: int | None = None) -> bool:
    """Delete a watch, in the `expected` version only if one is given; whether there was one."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"id": watch_id})
        row = cursor.fetchone()
        found = None if row is None or row[2] else int(row[0])
        if expected is not None and expected != found:
            raise VersionMismatch(watch_id, found)
        if found is None:
            return False
        cursor.execute(_DELETE, {"id": watch_id})
    return True


def get(connection: Connection, watch_id: str) -> Stored | None:
    """The watch with this id, unless it was deleted."""
    found = [*_stored(connection, _GET, {"id": watch_id})]
    return found[0] if found else None


def list_watches(
    connection: Connection, *, after: str = "", limit: int = 100, subject: str | None = None
) -> list[Stored]:
    """Watches in the order of their ids, those behind `after`; those about a subject, or all."""
    values = {"after": after, "limit": limit, "subject": subject}
    return [*_stored(connection, _LIST, values)]


def ids(connection: Connection) -> list[str]:
    """The ids of all watches, in order."""
    with connection.cursor() as cursor:
        cursor.execute(_IDS)
        return [watch_id for (watch_id,) in cursor.fetchall()]


def last_definitions(connection: Connection, watch_ids: Collection[str]) -> dict[str, Watch]:
    """Those of these watches that there are or ever were, as they were defined last, by id."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, {"ids": list(watch_ids)})
        return {
            watch_id: decode_definition(definition, version)
            for watch_id, definition, version in cursor.fetchall()
        }


def encode_definition(watch: Watch) -> str:
    """A definition as it is kept."""
    return _encode(_in_version(watch, 1)).decode()


@lru_cache(maxsize=_KEPT_DECODED)
def decode_definition(definition: str, version: int) -> Watch:
    """The watch that was kept so."""
    return _in_version(_decode(definition), version)


def _stored(connection: Connection, query: str, values: dict[str, Any]) -> Iterator[Stored]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        for definition, version, made_at, changed_at, is_published in cursor.fetchall():
            watch = decode_definition(definition, version)
            yield Stored(watch, made_at, changed_at, is_published)


def _in_version(watch: Watch, version: int) -> Watch:
    return msgspec.structs.replace(watch, version=version)
