"""What stands between the prices of a log that is watched: watches come and go, and time passes.

A record's kind is in its header `SIGNAL`; a price does not have it. Its moment is in `RECORDED_AT`.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from conscope_app.alerting.watches.signals import Seed
from conscope_app.alerting.watches.watch import Watch
from conscope_app.core.clock import from_epoch_ms, to_epoch_ms
from conscope_app.core.record import Record
from conscope_app.core.refusal import Reason, Refused

SIGNAL = "conscope.signal"
RECORDED_AT = "conscope.recorded_at"


class Seeds(msgspec.Struct, frozen=True, kw_only=True):
    """Pasts that a watch's baselines need at a subject; the watch itself follows."""

    watch: Watch
    subject: str
    seeds: tuple[Seed, ...]


class Making(msgspec.Struct, frozen=True, kw_only=True):
    """A watch was made or changed. Its subject is looked at now; without one all are, in time."""

    watch: Watch
    subject: str = ""


class Deletion(msgspec.Struct, frozen=True, kw_only=True):
    """A watch is no more; the version is the one that it is deleted in."""

    watch_id: str
    version: int


class Passing(msgspec.Struct, frozen=True, kw_only=True):
    """So late is it by now, and something at the subject is due by time alone."""

    subject: str
    at: datetime


Control = Seeds | Making | Deletion | Passing
Sent = tuple[bytes, bytes, Sequence[tuple[str, bytes]]]

_KINDS: dict[type[Control], bytes] = {
    Seeds: b"seeds",
    Making: b"made",
    Deletion: b"deleted",
    Passing: b"tick",
}
_decoders = {kind: msgspec.json.Decoder(control) for control, kind in _KINDS.items()}
_encode = msgspec.json.Encoder().encode


def control_record(control: Control, *, key: str, at: datetime) -> Sent:
    """A control record as (key, value, headers)."""
    kind = _KINDS[type(control)]
    return key.encode(), _encode(control), ((SIGNAL, kind), recorded_at(to_epoch_ms(at)))


def recorded_at(milliseconds: int) -> tuple[str, bytes]:
    """The header that says when something happened."""
    return RECORDED_AT, b"%d" % milliseconds


def control_of(record: Record) -> Control | None:
    """What a control record says; None for a price. Raises `Refused` and what msgspec does."""
    kind = _header(record, SIGNAL)
    if kind is None:
        return None
    decoder = _decoders.get(kind)
    if decoder is None:
        raise Refused(Reason.WRONG_TYPE, f"{kind[:100]!r} is no kind of control record")
    return decoder.decode(record.value or b"")


def moment_of(record: Record) -> datetime:
    """When it happened, and never later than Kafka wrote it down: a clock may be ahead."""
    said = _header(record, RECORDED_AT)
    if said is None:
        return from_epoch_ms(record.timestamp)
    if not said.isdigit():
        raise Refused(Reason.BAD_TIMESTAMP, f"{RECORDED_AT} {said[:100]!r} is no time")
    return from_epoch_ms(min(int(said), record.timestamp))


def _header(record: Record, name: str) -> bytes | None:
    for header, content in record.headers:
        if header == name:
            return content
    return None
