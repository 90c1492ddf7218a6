"""What stands between the prices of a log: what happens, watches that come and go, and the time.

A record's kind is in its header `SIGNAL`; a price does not have it. Its moment is in `RECORDED_AT`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from conscope_app.alerting.watches.signals import Happened, Seed
from conscope_app.alerting.watches.watch import Text, Watch
from conscope_app.core.clock import from_epoch_ms, to_epoch_ms
from conscope_app.core.record import Record
from conscope_app.core.refusal import Reason, Refused

SIGNAL = "conscope.signal"
RECORDED_AT = "conscope.recorded_at"

Moment = Annotated[datetime, Meta(tz=True)]
Detail = Annotated[str, Meta(max_length=2_000)]


class Happens(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something happened to a subject, as a source saw it: the fields of `signals.Happened`.

    All that it means is in it, so that whoever reads it again finds the same.
    """

    subject: Text
    what: Text
    observed_at: Moment
    source: Text
    key: Annotated[str, Meta(max_length=200)] = ""
    details: Annotated[Mapping[Text, Detail], Meta(max_length=20)] = {}
    labels: Annotated[Mapping[Text, Detail], Meta(max_length=20)] = {}
    undoes: Annotated[tuple[Text, ...], Meta(max_length=50)] = ()
    takes_place_at: Moment | None = None


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


Control = Happens | Seeds | Making | Deletion | Passing
Sent = tuple[bytes, bytes, Sequence[tuple[str, bytes]]]

_KINDS: dict[type[Control], bytes] = {
    Happens: b"happened",
    Seeds: b"seeds",
    Making: b"made",
    Deletion: b"deleted",
    Passing: b"tick",
}
_decoders = {kind: msgspec.json.Decoder(control) for control, kind in _KINDS.items()}
_encode = msgspec.json.Encoder().encode


def happened_of(said: Happens, *, place: int, recorded_at: datetime) -> Happened:
    """The signal that a control record is."""
    return Happened(
        subject=said.subject,
        place=place,
        recorded_at=recorded_at,
        what=said.what,
        observed_at=said.observed_at.astimezone(UTC),
        source=said.source,
        key=said.key,
        details=said.details,
        labels=said.labels,
        undoes=said.undoes,
        takes_place_at=said.takes_place_at and said.takes_place_at.astimezone(UTC),
    )


def control_record(control: Control, *, key: str, at: datetime | None = None) -> Sent:
    """A control record as (key, value, headers); without a moment it is that of its writing."""
    headers = [(SIGNAL, _KINDS[type(control)])]
    if at is not None:
        headers.append(recorded_at(to_epoch_ms(at)))
    return key.encode(), _encode(control), headers


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
