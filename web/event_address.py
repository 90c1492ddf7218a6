"""Ids in addresses, and the addresses of an event. An id may hold anything: it stays one part."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode


def quoted(text: str) -> str:
    """A text as one part of an address, or as a value behind its `?`."""
    return quote(text, safe="")


def event_page(event_id: str, **query: str | None) -> str:
    """The address of its page, with what of the query is not None."""
    return _with_query(f"/events/{quoted(event_id)}", query)


def event_api(event_id: str, what: str = "", **query: str | None) -> str:
    """The address of what programs read of it: `seats`, `prices.csv`, …"""
    path = f"/api/v1/events/{quoted(event_id)}"
    return _with_query(f"{path}/{what}" if what else path, query)


def _with_query(path: str, query: Mapping[str, str | None]) -> str:
    said = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(said)}" if said else path
