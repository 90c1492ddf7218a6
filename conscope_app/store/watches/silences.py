"""Silences as they are kept: made, changed, listed and ended."""

from datetime import datetime
from typing import Any

import msgspec

from conscope_app.alerting.watches.silences import Silence
from conscope_app.store.engine import Connection

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Silence).decode

_PUT = """
    INSERT INTO watch_silences (id, definition, ends_at)
    VALUES (%(id)s, %(definition)s, %(ends_at)s)
    ON CONFLICT (id) DO UPDATE SET definition = excluded.definition, ends_at = excluded.ends_at
    RETURNING xmax = 0
"""
_GET = "SELECT definition::text FROM watch_silences WHERE id = %(id)s"
_LIST = "SELECT definition::text FROM watch_silences WHERE ends_at > %(now)s ORDER BY ends_at, id"
_DELETE = "DELETE FROM watch_silences WHERE id = %(id)s RETURNING id"
_FORGET = "DELETE FROM watch_silences WHERE ends_at < %(before)s RETURNING id"


def put_silence(connection: Connection, silence: Silence) -> bool:
    """Keep a silence under its id; whether it is a new one."""
    definition = _encode(silence).decode()
    values = {"id": silence.id, "definition": definition, "ends_at": silence.ends_at}
    ((is_new,),) = _rows(connection, _PUT, values)
    return bool(is_new)


def get_silence(connection: Connection, silence_id: str) -> Silence | None:
    """The silence with this id, over or not."""
    found = _rows(connection, _GET, {"id": silence_id})
    return _decode(found[0][0]) if found else None


def list_silences(connection: Connection, now: datetime) -> list[Silence]:
    """The silences that are not over, the one that ends first at the front."""
    return [_decode(definition) for (definition,) in _rows(connection, _LIST, {"now": now})]


def delete_silence(connection: Connection, silence_id: str) -> bool:
    """End a silence, and forget it; whether there was one."""
    return bool(_rows(connection, _DELETE, {"id": silence_id}))


def forget_silences(connection: Connection, before: datetime) -> int:
    """Forget the silences that were over before a moment; how many."""
    return len(_rows(connection, _FORGET, {"before": before}))


def _rows(connection: Connection, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
