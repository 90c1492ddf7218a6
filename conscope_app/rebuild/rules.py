"""What the rebuild of a table has to know of it: its topics, and what each record leaves in it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from conscope_app.core.record import Record
from conscope_app.domains.tickets.detection import track
from conscope_app.domains.tickets.folding import Tracked
from conscope_app.domains.tickets.last_market import (
    decode_last_market,
    encode_last_market,
    learn,
    market_key,
)
from conscope_app.domains.tickets.market_tracking import track_markets
from conscope_app.domains.tickets.pricing import LastSeen, encode_last_seen
from conscope_app.domains.tickets.processed_market import decode_processed_market
from conscope_app.domains.tickets.records import as_utc, decode_processed
from conscope_app.topics.tickets import (
    MARKET_SNAPSHOTS,
    PROCESSED_MARKETS,
    PROCESSED_PRICES,
    RAW_PRICES,
)

Held = Callable[[bytes], bytes | None]
Track = Callable[[Iterable[Record], Held, int, Callable[[bytes], int]], Tracked]


class Left(NamedTuple):
    """What a published record says of its raw record: its counters, and the row that it left."""

    counts: tuple[str, ...]
    row: tuple[bytes, bytes] | None


@dataclass(frozen=True, slots=True)
class TableRules:
    """How a table follows from its topics; `left` reads a record of `processed`."""

    raw: str
    processed: str
    track: Track
    left: Callable[[Record, Held], Left]


def _left_by_price(record: Record, _held: Held) -> Left:
    price = decode_processed(record.value or b"")
    if price.kind == "late" or record.key is None:
        return Left(("records", price.kind), None)
    seen = LastSeen(price.price, price.currency, as_utc(price.timestamp))
    return Left(("records", price.kind), (record.key, encode_last_seen(seen)))


def _left_by_market(record: Record, held: Held) -> Left:
    market = decode_processed_market(record.value or b"")
    counts = ("records", market.kind, *(f"change:{change.kind}" for change in market.changes))
    if market.kind == "late":
        return Left(counts, None)
    key = market_key(market.event_id, market.source)
    known = held(key)
    last = None if known is None else decode_last_market(known)
    return Left(counts, (key, encode_last_market(learn(last, market))))


PRICES = TableRules(RAW_PRICES.name, PROCESSED_PRICES.name, track, _left_by_price)
MARKETS = TableRules(MARKET_SNAPSHOTS.name, PROCESSED_MARKETS.name, track_markets, _left_by_market)
