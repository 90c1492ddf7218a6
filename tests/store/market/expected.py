"""What the roll-ups of a history are, row by row, in Python: the definition that SQL is held to."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Context, Decimal
from functools import reduce
from math import ceil
from statistics import median_low
from typing import Any

from conscope_app.core.clock import EPOCH
from conscope_app.store.market.on_sale import GONE_AFTER_MINUTES
from tests.store.market.histories import Row

GONE_AFTER = timedelta(minutes=GONE_AFTER_MINUTES)
# Spans that are kept for so long; all others for ever.
KEPT = {
    ("event", 15): timedelta(days=8),
    ("source", 15): timedelta(days=-1),  # never made
    ("section", 15): timedelta(days=-1),
    ("section", 60): timedelta(days=2),
}
EXACT = Context(prec=100)  # Postgres' sums lose no digit

Line = dict[str, Any]


@dataclass
class Expected:
    """The tables by their keys, without what only they know (ids, when they were written)."""

    seats: dict[tuple[str, ...], Line] = field(default_factory=dict)
    sources: dict[tuple[str, str], Line] = field(default_factory=dict)
    spans: dict[tuple[Any, ...], Line] = field(default_factory=dict)
    lines: dict[tuple[str, str], Line] = field(default_factory=dict)


def roll_up(history: Iterable[Row], now: datetime) -> Expected:
    """Everything, at a moment."""
    rows = list(history)
    expected = Expected()
    for row in rows:
        _see_seat(expected.seats, row)
        _see_source(expected.sources, row)
    expected.spans = _spans(rows, now)
    expected.lines = _lines(rows, expected, now)
    return expected


def _see_seat(seats: dict[tuple[str, ...], Line], row: Row) -> None:
    seat = seats.get(row.seat_of)
    if row.kind == "late":
        if seat is not None:
            seat["observations"] += 1
        return
    if seat is None or seat["currency"] != row.currency:
        seat = seats[row.seat_of] = {
            "currency": row.currency,
            "previous_price": None,
            "moved_at": None,
            "first_price": row.price,
            "first_seen_at": row.observed_at,
            "lowest": row.price,
            "highest": row.price,
            "drops": 0,
            "observations": 0,
        }
    if row.kind in {"drop", "rise"}:
        seat |= {"previous_price": row.old_price, "moved_at": row.observed_at}
    seat |= {
        "price": row.price,
        "total_price": row.total_price,
        "quantity": row.quantity,
        "listing_url": row.listing_url,
        "last_seen_at": row.observed_at,
        "lowest": min(seat["lowest"], row.price),
        "highest": max(seat["highest"], row.price),
        "drops": seat["drops"] + (row.kind == "drop"),
        "observations": seat["observations"] + 1,
    }


def _see_source(sources: dict[tuple[str, str], Line], row: Row) -> None:
    at = row.observed_at
    held = sources.setdefault(
        (row.event_id, row.source), {"observations": 0, "first_seen_at": at, "last_seen_at": at}
    )
    held["observations"] += 1
    held["first_seen_at"] = min(held["first_seen_at"], at)
    held["last_seen_at"] = max(held["last_seen_at"], at)


def _spans(rows: Iterable[Row], now: datetime) -> dict[tuple[Any, ...], Line]:
    grouped: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        of = (("event", ""), ("source", row.source), ("section", row.section))
        for scope, name in of:
            for minutes in (15, 60, 1440):
                start = row.observed_at - (row.observed_at - EPOCH) % timedelta(minutes=minutes)
                if start < now - KEPT.get((scope, minutes), timedelta(days=10_000)):
                    continue
                grouped[row.event_id, row.currency, scope, name, minutes, start].append(row)
    return {key: _span([*spanned]) for key, spanned in grouped.items()}


def _span(rows: Sequence[Row]) -> Line:
    prices = sorted(row.price for row in rows)
    return {
        "observations": len(rows),
        "drops": sum(row.kind == "drop" for row in rows),
        "lowest": prices[0],
        "highest": prices[-1],
        "total": reduce(EXACT.add, prices),
        # The least price that a fourth, a half, three fourths of the prices do not exceed.
        "lower_quartile": prices[ceil(len(prices) / 4) - 1],
        "median": median_low(prices),
        "upper_quartile": prices[ceil(len(prices) * 3 / 4) - 1],
    }


def _lines(rows: Sequence[Row], expected: Expected, now: datetime) -> dict[tuple[str, str], Line]:
    lines = {}
    for event_id, currency in {(row.event_id, row.currency) for row in rows}:
        seats = [
            (key[1], seat)
            for key, seat in expected.seats.items()
            if key[0] == event_id and seat["currency"] == currency
        ]
        prices = sorted(
            seat["price"]
            for source, seat in seats
            if seat["quantity"] != 0
            and seat["last_seen_at"]
            > expected.sources[event_id, source]["last_seen_at"] - GONE_AFTER
        )
        own = [row for row in rows if (row.event_id, row.currency) == (event_id, currency)]
        drops = [row.observed_at for row in own if row.kind == "drop"]
        lowest = prices[0] if prices else None
        day_ago = _lowest_day_ago(expected.spans, event_id, currency, now - timedelta(days=1))
        lines[event_id, currency] = {
            "event_name": f"Name of {event_id}"[:512],
            "venue": "A Hall",
            "event_date": "2026-12-24",
            "sources": sorted({source for source, _ in seats}),
            "seats_seen": len(seats),
            "seats_on_sale": len(prices),
            "lowest": lowest,
            "median": median_low(prices) if prices else None,
            "highest": prices[-1] if prices else None,
            "lowest_day_ago": day_ago,
            "change_ratio": _ratio(lowest, day_ago),
            "drops": len(drops),
            "last_drop_at": max(drops, default=None),
            "first_seen_at": min(row.observed_at for row in own),
            "last_seen_at": max(row.observed_at for row in own),
        }
    return lines


def _lowest_day_ago(
    spans: dict[tuple[Any, ...], Line], event_id: str, currency: str, day_ago: datetime
) -> Decimal | None:
    of = (event_id, currency, "event", "", 60)
    starts = [
        key[-1]
        for key in spans
        if key[:-1] == of and day_ago - timedelta(days=1) < key[-1] <= day_ago
    ]
    return spans[*of, max(starts)]["lowest"] if starts else None


def _ratio(lowest: Decimal | None, before: Decimal | None) -> float | None:
    if lowest is None or not before:
        return None
    return float((lowest - before) / before)
