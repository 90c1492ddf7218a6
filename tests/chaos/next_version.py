"""The version after this one, as far as formats go: `python -m tests.chaos.next_version worker …`.

It writes rows of the table in a second format, with a field more and the fields in another order,
which this version could only misread; and processed prices and alerts with a field more.
"""

from datetime import datetime
from decimal import Decimal

import msgspec
from faust.cli.faust import cli

import conscope_app
from conscope_app.domains.tickets import detection, listings, pricing, records, tracking

NEXT_FORMAT = pricing.LAST_SEEN_FORMAT + 1
NEXT_VERSION = "99.0.0"


class NextLastSeen(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=NEXT_FORMAT):
    """The row in its second format: tagged with it, so that each row says which it is."""

    seen_at: datetime
    price: Decimal
    currency: str
    seen_by: str = NEXT_VERSION


class NextMovement(records.Movement, gc=False, kw_only=True):
    """Of a processed price, with a field that this version does not know."""

    judged_by: str = NEXT_VERSION


class NextDrop(records.Drop, gc=False, kw_only=True):
    """Of an alert, with a field that this version does not know."""

    judged_by: dict[str, str] = msgspec.field(default_factory=lambda: {"version": NEXT_VERSION})


_decode_any = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode
_decode_next = msgspec.msgpack.Decoder(NextLastSeen).decode


def format_of(value: bytes) -> int:
    """The format that a row is written in: they differ in their length."""
    is_ours = len(_decode_any(value)) != len(pricing.LastSeen.__struct_fields__)
    return NEXT_FORMAT if is_ours else NEXT_FORMAT - 1


def last_seen(price: Decimal, currency: str, seen_at: datetime) -> NextLastSeen:
    """A row in the format that this version writes."""
    return NextLastSeen(seen_at, price, currency)


def decode_last_seen(value: bytes) -> NextLastSeen | pricing.LastSeen:
    """A row of either format."""
    if format_of(value) == NEXT_FORMAT:
        return _decode_next(value)
    return pricing.decode_last_seen(value)


def become_the_next_version() -> None:
    """Put the next version's formats in the place of ours, before anything is built with them."""
    in_place_of_ours = (
        (tracking, "decode_last_seen", decode_last_seen),
        (listings, "decode_last_seen", decode_last_seen),
        (tracking, "LastSeen", last_seen),
        (tracking, "Movement", NextMovement),
        (tracking, "Drop", NextDrop),
        # The native kernel writes the formats of ours.
        (detection, "track", tracking.track),
        (pricing, "LAST_SEEN_FORMAT", NEXT_FORMAT),
        (conscope_app, "__version__", NEXT_VERSION),
    )
    for module, name, theirs in in_place_of_ours:
        assert hasattr(module, name), f"{module.__name__}.{name} is not there to be replaced"
        setattr(module, name, theirs)


if __name__ == "__main__":
    become_the_next_version()
    cli(prog_name="faust")
