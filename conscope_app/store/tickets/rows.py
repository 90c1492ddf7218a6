"""Records of ticket prices become rows; what no row can hold becomes a refusal."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple, TypeVar

import msgspec

from conscope_app.core.clock import from_epoch_ms
from conscope_app.core.ids import RecordId
from conscope_app.core.record import Record
from conscope_app.core.refusal import Reason, Refused
from conscope_app.domains.tickets.records import (
    PriceAlert,
    ProcessedPrice,
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

RAW_TOPIC = "raw_prices"

RowT = TypeVar("RowT")


class HistoryRow(NamedTuple):
    """A processed price on its way into `price_history`, and into `events`."""

    raw: RecordId
    observed_at: datetime
    recorded_at: datetime
    processed: ProcessedPrice


class AlertRow(NamedTuple):
    """An alert on its way into `price_drop_alerts`, with the decision whether somebody is told."""

    raw: RecordId
    observed_at: datetime
    alert: PriceAlert
    decision: str


def history_row(raw: RecordId, processed: ProcessedPrice, recorded_at: datetime) -> HistoryRow:
    """The row of a processed price; raises `Refused` where no partition can hold it."""
    return HistoryRow(raw, _storable(processed.timestamp), recorded_at, processed)


def alert_row(raw: RecordId, alert: PriceAlert, decision: str) -> AlertRow:
    """The row of an alert; raises `Refused` for a moment that the history would not hold."""
    return AlertRow(raw, _storable(alert.timestamp), alert, decision)


def translate_processed(records: Iterable[Record]) -> list[Entry[HistoryRow]]:
    """Rows of `processed_prices`, in order; what cannot be read becomes a refusal in its place."""

    def translate(record: Record) -> HistoryRow:
        processed = decode_processed(record.value or b"")
        return history_row(_raw_id(processed.id), processed, from_epoch_ms(record.timestamp))

    return _translate(records, translate)


def translate_alerts(
    records: Iterable[Record], decide: Callable[[PriceAlert], str]
) -> list[Entry[AlertRow]]:
    """Rows of `price_alerts`, in order; `decide` says `raised`, or why nobody is told."""

    def translate(record: Record) -> AlertRow:
        alert = decode_alert(record.value or b"")
        return alert_row(_raw_id(alert.id), alert, decide(alert))

    return _translate(records, translate)


def _translate(records: Iterable[Record], translate: Callable[[Record], RowT]) -> list[Entry[RowT]]:
    entries: list[Entry[RowT]] = []
    for record in records:
        row: RowT | Refused
        try:
            row = translate(record)
        except Refused as refused:
            row = refused
        except msgspec.ValidationError as error:
            row = Refused(Reason.WRONG_TYPE, str(error))
        except msgspec.DecodeError as error:
            row = Refused(Reason.NOT_JSON if record.value else Reason.NO_VALUE, str(error))
        except UnicodeDecodeError as error:
            row = Refused(Reason.NOT_TEXT, str(error))
        entries.append(Entry(record, row))
    return entries


def _raw_id(text: str) -> RecordId:
    try:
        raw = RecordId.parse(text)
    except ValueError:
        raise Refused(Reason.WRONG_TYPE, f"{text[:100]!r} is no record id") from None
    if raw.topic != RAW_TOPIC:
        raise Refused(Reason.WRONG_TYPE, f"{text[:100]!r} is not the id of a record of {RAW_TOPIC}")
    return raw


def _storable(moment: datetime) -> datetime:
    try:
        observed_at = as_utc(moment)
    except OverflowError:
        observed_at = None
    if observed_at is None or not has_partition(observed_at):
        raise Refused(
            Reason.BAD_TIMESTAMP, f"{moment} is outside the years {FIRST_YEAR} to {LAST_YEAR}"
        )
    return observed_at
