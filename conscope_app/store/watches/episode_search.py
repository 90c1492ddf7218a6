"""Which episodes are asked for, as a search that goes by an index."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from conscope_app.store.alerts.search import Search
from conscope_app.store.watches.stored_episodes import COLUMNS

Status = Literal["raised", "over", "acknowledged"]
Reached = Literal["told", "waiting", "held", "given_up"]

_OF_CHANNEL = "channel = %(channel)s"
_WAITING = ("waiting", "held")


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which episodes; what is left out takes them all. `after` is the last one of a page.

    `subject` is an event, `words` are of its name or venue. `channel` is one that it was queued
    for; at that one, or at any, it was told, waits, is held back while it waits, or was given up.
    `percent` is the least that the price has fallen by since it was raised. What is raised is not
    over; what is acknowledged may be.
    """

    watch: str | None = None
    subject: str | None = None
    words: str | None = None
    status: Status | None = None
    channel: str | None = None
    reached: Reached | None = None
    percent: Decimal | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: str | None = None
    limit: int = 50


def search_of(asked: Filter) -> Search:
    """The search for what is asked, but for the events."""
    order = ("raised_at", "episode")
    return Search("watch_episodes", COLUMNS, order, [*_bounds(asked)], [*_tests(asked)])


def entries(asked: Filter) -> str | None:
    """The entries by which what is asked is found faster: those that wait or were given up."""
    if asked.reached in _WAITING:
        condition = "waiting"
    elif asked.reached == "given_up":
        condition = "given_up"
    else:
        return None
    of_channel = _OF_CHANNEL if asked.channel else "true"
    return f"SELECT episode FROM watch_entries WHERE {condition} AND {of_channel}"  # noqa: S608 our own words


def values_of(asked: Filter, after_at: datetime | None) -> dict[str, Any]:
    """What stands in the queries by name."""
    return {**msgspec.structs.asdict(asked), "after_at": after_at}


def _bounds(asked: Filter) -> Iterator[str]:
    if asked.after is not None:
        yield "(raised_at, episode) < (%(after_at)s::timestamptz, %(after)s)"
    if asked.since is not None:
        yield "raised_at >= %(since)s"
    if asked.until is not None:
        yield "raised_at < %(until)s"
    if asked.watch is not None:
        yield "watch_id = %(watch)s"
    if asked.status == "raised":
        yield "over_at IS NULL"


def _tests(asked: Filter) -> Iterator[str]:
    if asked.status == "over":
        yield "over_at IS NOT NULL"
    if asked.status == "acknowledged":
        yield "acknowledged_at IS NOT NULL"
    if asked.percent is not None:
        yield "price <= raised_price * (1 - %(percent)s::numeric / 100)"
    conditions = [_OF_CHANNEL] if asked.channel is not None else []
    if asked.reached == "told":
        conditions.append("message IS NOT NULL")
    if conditions and entries(asked) is None:
        yield f"""(
            SELECT true FROM watch_entries
            WHERE watch_entries.episode = found.episode AND {" AND ".join(conditions)} LIMIT 1
        )"""  # noqa: S608 our own words
