"""What the tables of the roll-ups hold."""

from collections.abc import Sequence
from typing import Any

from tests.store.ledgers import Tables
from tests.store.market.expected import Line

_SEAT = ("event_id", "source", "section", "row", "seat")
_SEATS = (
    "currency",
    "previous_price",
    "moved_at",
    "first_price",
    "first_seen_at",
    "lowest",
    "highest",
    "drops",
    "observations",
    "price",
    "total_price",
    "quantity",
    "listing_url",
    "last_seen_at",
)
_SPANS = ("observations", "drops", "lowest", "highest", "total")
QUARTILES = ("lower_quartile", "median", "upper_quartile")
_LINES = (
    "event_name",
    "venue",
    "event_date",
    "sources",
    "seats_seen",
    "seats_on_sale",
    "lowest",
    "median",
    "highest",
    "lowest_day_ago",
    "drops",
    "last_drop_at",
    "first_seen_at",
    "last_seen_at",
)


def seats(tables: Tables) -> dict[tuple[Any, ...], Line]:
    """By what makes prices comparable."""
    return _read(tables, "seats", _SEAT, _SEATS)


def sources(tables: Tables) -> dict[tuple[Any, ...], Line]:
    """By event and source."""
    values = ("observations", "first_seen_at", "last_seen_at")
    return _read(tables, "event_sources", ("event_id", "source"), values)


def spans(tables: Tables, *more: str) -> dict[tuple[Any, ...], Line]:
    """By series, length and beginning."""
    key = ("event_id", "currency", "scope", "name", "minutes", "start_at")
    where = "price_spans JOIN price_series ON id = series"
    return _read(tables, where, key, (*_SPANS, *more))


def lines(tables: Tables) -> dict[tuple[Any, ...], Line]:
    """By event and currency."""
    found = _read(tables, "event_markets", ("event_id", "currency"), (*_LINES, "change_ratio"))
    for line in found.values():
        # It is rounded to six places, for a page.
        line["change_ratio"] = None if line["change_ratio"] is None else float(line["change_ratio"])
    return found


def _read(
    tables: Tables, where: str, key: Sequence[str], values: Sequence[str]
) -> dict[tuple[Any, ...], Line]:
    columns = ", ".join(f'"{column}"' for column in (*key, *values))
    rows = tables.run(f"SELECT {columns} FROM {where}")
    found = {row[: len(key)]: dict(zip(values, row[len(key) :], strict=True)) for row in rows}
    assert len(found) == len(rows), f"a key of {where} is there twice"
    return found
