"""Records of ticket prices become rows; what no row can hold becomes a refusal."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from conscope_app.core.clock import from_epoch_ms
from conscope_app.core.ids import RecordId
from conscope_app.core.native import NATIVE
from conscope_app.core.record import Record
from conscope_app.core.refusal import Reason, Refused
from conscope_app.domains.tickets.records import (
    PriceAlert,
    as_utc,
    decode_alert,
    decode_processed,
)
from conscope_app.store.partitions import (
    FIRST_YEAR,
    LAST_YEAR,
    has_partition,
)
from conscope_app.store.sink import Entry
from conscope_app.store.tickets.lines import alert_line, history_line

RAW_TOPIC = "raw_prices"

RowT = TypeVar("RowT")


class HistoryRow(msgspec.Struct, frozen=True, gc=False):
    """A processed price on its way into `price_history`, as COPY reads it, and into `events`."""

    line: str
    observed_at: datetime
    event_id: str
    event_name: str
    venue: str
    event_date: str | None


class AlertRow(msgspec.Struct, frozen=True, gc=False):
    """An alert on its way into `price_drop_alerts`, as COPY reads it, with what was decided."""

    line: str
    decision: str


def translate_processed(
    records: Iterable[Record], *, kernel: Any = NATIVE.kernel
) -> list[Entry[HistoryRow]]:
    """Rows of `processed_prices`, in order; what cannot be read becomes a refusal in its place.

    The native kernel gives the rows of the plain records, and None for every other.
    """
    every = list(records)
    if kernel is None:
        return [entry(record, _history_row) for record in every]
    rows = kernel.history_rows(every, HistoryRow)
    return [
        entry(record, _history_row) if row is None else Entry(record, row)
        for record, row in zip(every, rows, strict=True)
    ]


def _history_row(record: Record) -> HistoryRow:
    value = record.value or b""
    processed = decode_processed(value)
    place = raw_place(processed.id)
    observed_at = storable(processed.timestamp)
    line = history_line(
        *place,
        observed_at.isoformat(),
        recorded_at(record.timestamp),
        processed,
        is_plain=_is_plain(value),
    )
    return HistoryRow(
        line,
        observed_at,
        processed.event_id,
        processed.event_name,
        processed.venue,
        processed.event_date,
    )


def translate_alerts(
    records: Iterable[Record], decide: Callable[[PriceAlert], str]
) -> list[Entry[AlertRow]]:
    """Rows of `price_alerts`, in order; `decide` says `raised`, or why nobody is told."""

    def translate(record: Record) -> AlertRow:
        value = record.value or b""
        alert = decode_alert(value)
        place = raw_place(alert.id)
        decision = decide(alert)
        line = alert_line(
            *place,
            storable(alert.timestamp).isoformat(),
            _in_utc(alert.alert_timestamp).isoformat(),
            alert,
            decision,
            is_plain=_is_plain(value),
        )
        return AlertRow(line, decision)

    return [entry(record, translate) for record in records]


def _is_plain(value: bytes) -> bool:
    # Inside JSON what COPY gives a meaning (a backslash, a tab, a line end) stands as an escape.
    return b"\\" not in value


@lru_cache(maxsize=8)
def recorded_at(milliseconds: int) -> str:
    """Kafka's timestamp as Postgres reads it."""
    # Records that came together have the same time of arrival.
    return from_epoch_ms(milliseconds).isoformat()


def entry(record: Record, translate: Callable[[Record], RowT]) -> Entry[RowT]:
    """What a record becomes: a row, or why it cannot be one."""
    row: RowT | Refused
    try:
        row = translate(record)
    except Refused as refused:
        row = refused
    except msgspec.ValidationError as error:
        row = Refused(Reason.WRONG_TYPE, str(error))
    except (msgspec.DecodeError, RecursionError) as error:
        row = Refused(Reason.NOT_JSON if record.value else Reason.NO_VALUE, str(error))
    except UnicodeDecodeError as error:
        row = Refused(Reason.NOT_TEXT, str(error))
    return Entry(record, row)


def raw_place(text: str, raw_topic: str = RAW_TOPIC) -> tuple[int, int]:
    """Partition and offset of the raw record that an id names. Raises `Refused`."""
    run, _, offset_text = text.rpartition("-")
    try:
        topic, partition, _ = _first_of(run)
        offset = int(offset_text)
    except ValueError:
        raise Refused(Reason.WRONG_TYPE, f"{text[:100]!r} is no record id") from None
    if topic != raw_topic:
        raise Refused(Reason.WRONG_TYPE, f"{text[:100]!r} is not the id of a record of {raw_topic}")
    return partition, offset


@lru_cache(maxsize=64)
def _first_of(run: str) -> RecordId:
    # Records that came together are of one partition: their ids differ in the offset alone.
    return RecordId.parse(f"{run}-0")


def storable(moment: datetime) -> datetime:
    """A moment in UTC that there is a partition for. Raises `Refused`."""
    observed_at = _in_utc(moment)
    if not has_partition(observed_at):
        raise _outside(moment)
    return observed_at


def _in_utc(moment: datetime) -> datetime:
    try:
        return as_utc(moment)
    except OverflowError:
        raise _outside(moment) from None


def _outside(moment: datetime) -> Refused:
    return Refused(
        Reason.BAD_TIMESTAMP, f"{moment} is outside the years {FIRST_YEAR} to {LAST_YEAR}"
    )
