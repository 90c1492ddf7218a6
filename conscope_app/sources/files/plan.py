"""The plan of an import: what a first reading of the whole file shows, before anything is sent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from conscope_app.core.clock import to_epoch_ms
from conscope_app.core.refusal import Reason, Refused
from conscope_app.domains.tickets import validation
from conscope_app.domains.tickets.records import PriceEvent
from conscope_app.sources.base import Outgoing, outgoing
from conscope_app.sources.files.amounts import DecimalSign
from conscope_app.sources.files.cells import Row, UnreadableRow
from conscope_app.sources.files.dates import DayOrder, Parse, moment_parser, pattern_parser
from conscope_app.sources.files.day_order import DateSurvey
from conscope_app.sources.files.decimal_signs import AmountSurvey
from conscope_app.sources.files.errors import UnusableFileError
from conscope_app.sources.files.mapping import FieldMapping, find_mapping
from conscope_app.sources.files.reader import PriceFile, open_prices
from conscope_app.sources.files.translation import AMOUNTS, RefusedCell, Translator

OnRead = Callable[[int, int], None]  # bytes read, bytes in all
_ROWS_A_REPORT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the person has said about the file; None where the file is to tell by itself."""

    maps: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    source: str | None = None
    decimal_sign: DecimalSign | None = None
    date_format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None


class Ready(NamedTuple):
    """A row as it will be sent."""

    number: int
    event: PriceEvent
    outgoing: Outgoing


class RefusedRow(NamedTuple):
    """A row that is not sent: where, what stood there, and why."""

    number: int
    column: str
    text: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """How each row of the file becomes a price event."""

    file: PriceFile
    translator: Translator
    dates: str
    row_count: int

    def items(self, now: datetime, on_read: OnRead) -> Iterator[Ready | RefusedRow]:
        """Every row in file order, ready to be sent or refused as the pipeline would refuse it."""
        now_ms = to_epoch_ms(now)
        for row in _watched(self.file, on_read):
            yield self._item(row, now_ms)

    def _item(self, row: Row | UnreadableRow, now_ms: int) -> Ready | RefusedRow:
        if isinstance(row, UnreadableRow):
            return RefusedRow(row.number, "", row.text, row.reason, row.message)
        mapping = self.translator.mapping
        try:
            event = self.translator.translate(row.cells)
            sent = outgoing(event)
            validation.read(sent.value, now_ms)
        except RefusedCell as refused:
            column = mapping.where(refused.field)
            return RefusedRow(row.number, column, refused.text, refused.reason, refused.message)
        except Refused as refused:
            field = _field_of(refused)
            column, text = mapping.where(field), mapping.text(field, row.cells)
            return RefusedRow(row.number, column, text, refused.reason, refused.message)
        except UnicodeEncodeError:
            message = "the row holds half a character (a lone surrogate)"
            return RefusedRow(row.number, "", "", Reason.NOT_TEXT, message)
        return Ready(row.number, event, sent)


def make_plan(path: Path, choices: Choices, on_read: OnRead) -> ImportPlan:
    """Read the file once, whole, and settle how to understand it.

    Raises `UnusableFileError` where something must be said first: which column is the price, which
    is the decimal sign, whether the day or the month comes first.
    """
    file = open_prices(path, encoding=choices.encoding, delimiter=choices.delimiter)
    constants = choices.constants
    if choices.source is not None:
        constants = (*constants, f"source={choices.source}")
    mapping = find_mapping(file.columns(), choices.maps, constants)
    amounts, dates, row_count = _survey(file, mapping, on_read)
    parse, described = _date_parser(choices.date_format, dates)
    translator = Translator(
        mapping=mapping,
        decimal_signs={
            field: choices.decimal_sign or survey.decide() for field, survey in amounts.items()
        },
        parse_moment=parse,
        source=_stem(path),
    )
    return ImportPlan(file, translator, described, row_count)


def _survey(
    file: PriceFile, mapping: FieldMapping, on_read: OnRead
) -> tuple[dict[str, AmountSurvey], DateSurvey, int]:
    amounts = {field: AmountSurvey() for field in AMOUNTS if mapping.has(field)}
    dates = DateSurvey()
    row_count = 0
    for row in _watched(file, on_read):
        row_count += 1
        if isinstance(row, Row):
            for field, survey in amounts.items():
                survey.see(mapping.cell(field, row.cells))
            dates.see(mapping.text("timestamp", row.cells))
    return amounts, dates, row_count


def _watched(file: PriceFile, on_read: OnRead) -> Iterator[Row | UnreadableRow]:
    for number, row in enumerate(file.rows()):
        if number % _ROWS_A_REPORT == 0:
            on_read(file.position, file.size)
        yield row
    on_read(file.size, file.size)


def _date_parser(date_format: str | None, survey: DateSurvey) -> tuple[Parse, str]:
    if date_format is not None and "%" in date_format:
        return pattern_parser(date_format), date_format
    order: DayOrder | None
    if date_format == "day-first":
        order = "day-first"
    elif date_format == "month-first":
        order = "month-first"
    elif date_format is None:
        order = survey.decide()
    else:
        raise UnusableFileError(
            f"--date-format {date_format}: write day-first, month-first, or a pattern like %d.%m.%Y"
        )
    return moment_parser(order), order or "recognised one by one"


def _stem(path: Path) -> str:
    """The file's name without its endings (`prices.csv.gz` is `prices`)."""
    return path.name.split(".")[0] or path.name


def _field_of(refused: Refused) -> str:
    """The field that the pipeline's own validation has refused."""
    match refused.reason:
        case Reason.BAD_PRICE:
            return "price"
        case Reason.BAD_TIMESTAMP | Reason.TIMESTAMP_IN_FUTURE:
            return "timestamp"
        case Reason.BAD_CURRENCY:
            return "currency"
    words = refused.message.replace("$.", " ").replace("`", " ").split()
    return next((word for word in words if word in PriceEvent.__struct_fields__), "")
