"""The records that travel on `processed_markets`: a snapshot, and what has changed with it."""

from enum import StrEnum
from typing import Literal

import msgspec

from conscope_app.domains.tickets.market import MarketSnapshot

# `new` is the first sight of an event at a source; `late` was not seen after what is held.
MarketKind = Literal["new", "changed", "same", "late"]


class ChangeKind(StrEnum):
    """What may happen to an event that needs no price; docs/events.md says when."""

    ON_SALE = "on_sale"
    OFF_SALE = "off_sale"
    BACK_ON_SALE = "back_on_sale"
    FEW_LEFT = "few_left"
    SOLD_OUT = "sold_out"
    PRESALE_ANNOUNCED = "presale_announced"
    PRESALE_BEGAN = "presale_began"
    POSTPONED = "postponed"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"
    BACK_ON = "back_on"
    NAME_CHANGED = "name_changed"
    VENUE_CHANGED = "venue_changed"
    NO_PRICE = "no_price"
    PRICED = "priced"


class Because(StrEnum):
    """How it is known: the source says it, its time came, or there are listings or none."""

    SAID = "said"
    TIME = "time"
    LISTINGS = "listings"


class Change(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One thing that changed between two snapshots of an event at a source, and how it is known.

    `old` and `new` are texts: a word of the snapshot, a moment or a day as the source says it, an
    amount with its currency; null where it is not known. `name` is that of a presale.
    """

    kind: ChangeKind
    because: Because
    old: str | None = None
    new: str | None = None
    name: str | None = None


class ProcessedMarket(MarketSnapshot, frozen=True, kw_only=True):
    """A snapshot with the id of its raw record, and what changed since the one before it."""

    id: str
    kind: MarketKind
    changes: tuple[Change, ...] = ()


encode_processed_market = msgspec.json.Encoder(decimal_format="number").encode
decode_processed_market = msgspec.json.Decoder(ProcessedMarket).decode


def processed(
    snapshot: MarketSnapshot, record_id: str, kind: MarketKind, changes: tuple[Change, ...]
) -> ProcessedMarket:
    """The snapshot as it is, and what is said beyond it."""
    fields = {name: getattr(snapshot, name) for name in MarketSnapshot.__struct_fields__}
    return ProcessedMarket(**fields, id=record_id, kind=kind, changes=changes)
