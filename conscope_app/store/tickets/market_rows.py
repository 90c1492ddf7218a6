"""Processed markets become rows; what no row can hold becomes a refusal."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec import UNSET

from conscope_app.core.record import Record
from conscope_app.domains.tickets.last_market import When
from conscope_app.domains.tickets.processed_market import ProcessedMarket, decode_processed_market
from conscope_app.store.sink import Entry
from conscope_app.store.staging import Value, copy_line
from conscope_app.store.tickets.rows import entry, raw_place, recorded_at, storable

RAW_TOPIC = "market_snapshots"

_PLACE = ("raw_partition", "raw_offset", "observed_at", "recorded_at", "event_id", "source")
# Those of the figures that a source may or may not speak of.
_FIGURES = ("lowest", "median", "average", "highest", "listing_count", "availability")
_SAID = ("status", "currency", "basis", *_FIGURES, "spoken")

HISTORY_COLUMNS = (*_PLACE, *_SAID, "kind")
NOW_COLUMNS = (*_PLACE, *_SAID, "facts")
CHANGE_COLUMNS = (
    "id",
    "event_id",
    "source",
    "kind",
    "because",
    "old_value",
    "new_value",
    "name",
    "at",
)

_encode = msgspec.json.Encoder().encode


class MarketRow(msgspec.Struct, frozen=True, gc=False):
    """A processed market on its way into the tables, a line for COPY each."""

    history: str
    now: str
    changes: tuple[str, ...]
    observed_at: datetime
    event_id: str
    source: str
    name: str
    venue: str
    date: str | None


def translate_markets(records: Iterable[Record]) -> list[Entry[MarketRow]]:
    """Rows of `processed_markets`, in order; what cannot be read becomes a refusal in its place."""
    return [entry(record, _row) for record in records]


def _row(record: Record) -> MarketRow:
    market = decode_processed_market(record.value or b"")
    observed_at = storable(market.observed_at)
    seen_at = observed_at.isoformat()
    said = (
        *raw_place(market.id, RAW_TOPIC),
        seen_at,
        recorded_at(record.timestamp),
        market.event_id,
        market.source,
        market.facts.status,
        market.currency,
        market.basis,
        *_figures(market),
        _spoken(market),
    )
    return MarketRow(
        history=copy_line((*said, market.kind)),
        now=copy_line((*said, _encode(market.facts).decode())),
        changes=tuple(_change_lines(market, seen_at)),
        observed_at=observed_at,
        event_id=market.event_id,
        source=market.source,
        name=market.facts.name,
        venue=market.facts.venue.name,
        date=When.of(market.facts).text,
    )


def _figures(market: ProcessedMarket) -> Iterable[Value]:
    for name in _FIGURES:
        figure = getattr(market, name)
        yield None if figure is UNSET else figure


def _spoken(market: ProcessedMarket) -> str:
    """An array, as Postgres writes it."""
    names = (name for name in _FIGURES if getattr(market, name) is not UNSET)
    return f"{{{','.join(names)}}}"


def _change_lines(market: ProcessedMarket, seen_at: str) -> Iterable[str]:
    for number, change in enumerate(market.changes):
        yield copy_line(
            (
                f"{market.id}-{number}",
                market.event_id,
                market.source,
                change.kind.value,
                change.because.value,
                change.old,
                change.new,
                change.name,
                seen_at,
            )
        )
