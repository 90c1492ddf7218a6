"""Which plain price drops are asked for, as a search that goes by an index."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import msgspec

from conscope_app.store.alerts.search import Search

State = Literal["told", "waiting", "given_up", "held"]

COLUMNS = """raw_partition, raw_offset, id, event_id, event_name, venue, event_date, source,
    section, "row", seat, old_price, new_price, drop_amount, drop_percent, currency, listing_url,
    observed_at, alert_timestamp, decision"""

# Of a channel that was off for weeks more may wait than a page can sort.
MOST_UNSENT = 20_000

# Few are held: each of them lies on a page of its own, which is read for it alone.
_HELD_WINDOW = 2_500

_ORDER = ("alert_timestamp", "raw_partition", "raw_offset")
_STATUSES = {"told": "sent", "waiting": "waiting", "given_up": "dead"}
_OF_CHANNEL = "channel = %(channel)s"


class DropPlace(NamedTuple):
    """Where in the list an alert stands."""

    at: datetime
    partition: int
    offset: int


class DropFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts; what is left out takes them all. Those behind `after`.

    `words` are of the name or the venue of an event; `channel` is one that was to be told. `held`
    are those of which nobody was to be told; `percent` is the least that the price fell by.
    """

    event: str | None = None
    words: str | None = None
    channel: str | None = None
    state: State | None = None
    percent: Decimal | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: DropPlace | None = None
    limit: int = 50

    @property
    def values(self) -> dict[str, Any]:
        """What stands in the queries by name; one row more than the page has is asked for."""
        at, partition, offset = self.after or (None, None, None)
        place = {"at": at, "partition": partition, "offset": offset}
        return {**msgspec.structs.asdict(self), **place, "limit": self.limit + 1}


def search_of(asked: DropFilter) -> Search:
    """The search for what is asked, but for the events."""
    window = _HELD_WINDOW if asked.state == "held" else None
    bounds, tests = [*_bounds(asked)], [*_tests(asked)]
    return Search("price_drop_alerts", COLUMNS, _ORDER, bounds, tests, window)


def unsent(asked: DropFilter) -> str | None:
    """The deliveries by which what is asked is found faster: those that wait or were given up."""
    if asked.state not in ("waiting", "given_up"):
        return None
    return f"""
        SELECT raw_partition, raw_offset FROM deliveries
        WHERE status = '{_STATUSES[asked.state]}' AND {_OF_CHANNEL if asked.channel else "true"}
        ORDER BY channel DESC, id DESC LIMIT {MOST_UNSENT}
    """  # noqa: S608 our own words and numbers


def _bounds(asked: DropFilter) -> Iterator[str]:
    if asked.after is not None:
        place = "(%(at)s::timestamptz, %(partition)s, %(offset)s)"
        yield f"(alert_timestamp, raw_partition, raw_offset) < {place}"
    if asked.since is not None:
        yield "alert_timestamp >= %(since)s"
    if asked.until is not None:
        yield "alert_timestamp < %(until)s"
    if asked.state == "held":
        yield "decision <> 'raised'"


def _tests(asked: DropFilter) -> Iterator[str]:
    if asked.percent is not None:
        yield "drop_percent >= %(percent)s"
    conditions = []
    if asked.channel is not None:
        conditions.append(_OF_CHANNEL)
    if asked.state in _STATUSES:
        conditions.append(f"status = '{_STATUSES[asked.state]}'")
    if conditions:
        # Asked for each row by itself: as a join it would be made for the whole window at once.
        yield f"""(
            SELECT true FROM deliveries
            WHERE deliveries.raw_partition = found.raw_partition
                AND deliveries.raw_offset = found.raw_offset AND {" AND ".join(conditions)}
            LIMIT 1
        )"""  # noqa: S608 our own words
