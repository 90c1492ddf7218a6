"""The addresses of an event's pages. An id may hold anything: it is one part of a path, whole."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode


def event_page(event_id: str, **query: str | None) -> str:
    """The address of its page, with what of the query is not None."""
    return _with_query(f"/events/{quote(event_id, safe='')}", query)


def event_api(event_id: str, what: str = "", **query: str | None) -> str:
    """The address of what programs read of it: `seats`, `prices.csv`, …"""
    path = f"/api/v1/events/{quote(event_id, safe='')}"
    return _with_query(f"{path}/{what}" if what else path, query)


def _with_query(path: str, query: Mapping[str, str | None]) -> str:
    said = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(said)}" if said else path
