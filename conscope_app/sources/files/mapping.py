"""Which column is which field of a price event: as told, or else by the names people use."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conscope_app.domains.tickets.records import PriceEvent
from conscope_app.sources.files.cells import Cells
from conscope_app.sources.files.errors import UnusableFileError

FIELDS = PriceEvent.__struct_fields__
REQUIRED = ("event_id", "price", "timestamp")

# In the order in which fields choose, and each field's names from the clearest to the vaguest. A
# column serves one field: `date` is when a price was seen, unless `timestamp` says that, and then
# it is the day of the event, as on the wire.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "event_id": (
        *("event_id", "symbol", "ticker", "sku", "isin", "asin", "product_id", "item_id"),
        *("flight_number", "flight_no", "flight", "route", "product", "item", "event"),
    ),
    "event_name": (
        *("event_name", "name", "title", "product_name", "item_name", "company", "description"),
        *("product", "item", "event"),
    ),
    "timestamp": (
        *("timestamp", "datetime", "date_time", "observed_at", "scraped_at", "seen_at"),
        *("recorded_at", "created_at", "updated_at", "price_date", "date", "day", "time", "month"),
    ),
    "price": ("price", "close", "unit_price", "sale_price", "amount", "cost", "fare", "last"),
    "event_date": ("event_date", "departure", "departure_date", "date"),
    "source": ("source", "store", "shop", "retailer", "airline", "carrier", "vendor", "exchange"),
    "venue": ("venue", "location", "place"),
    "section": ("section", "zone", "cabin", "fare_class"),
    "fees": ("fees", "fee", "service_fee"),
    "total_price": ("total_price", "all_in_price"),
    "listing_id": ("listing_id",),
    "listing_url": ("listing_url", "url", "link"),
    "quantity": ("quantity", "qty"),
    "delivery_method": ("delivery_method",),
    "seller_notes": ("seller_notes", "notes"),
    "currency": ("currency", "currency_code", "ccy"),
}
# A column `row` is as often the number of the line as a row of seats: only beside the others. A
# `seat` is nothing else, and without it all seats of an event would be one.
_SEATING = ("section", "row", "seat")


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Where each field's text comes from: one column, several joined by a blank, or a constant.

    No field has both columns and a constant.
    """

    columns: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str]

    def text(self, field: str, cells: Cells) -> str:
        """The field's text in this row; empty where it has none."""
        names = self.columns.get(field)
        if names is None:
            return self.constants.get(field, "")
        if len(names) == 1:
            return cells.get(names[0], "").strip()
        return " ".join(filter(None, (cells.get(name, "").strip() for name in names)))

    def cell(self, field: str, cells: Cells) -> str:
        """As `text`, but a single cell comes as it was read, so that a JSON number stays one."""
        names = self.columns.get(field, ())
        return cells.get(names[0], "") if len(names) == 1 else self.text(field, cells)

    def has(self, field: str) -> bool:
        return field in self.columns or field in self.constants

    def where(self, field: str) -> str:
        """Where the field comes from, for people."""
        if field in self.constants:
            return "constant"
        return " + ".join(self.columns.get(field, ()))


def find_mapping(
    header: Iterable[str], instructions: Iterable[str], constants: Iterable[str]
) -> FieldMapping:
    """The mapping that was asked for, completed by the names of the columns.

    `instructions` are `field=column`, `field=column+column` or `field==constant`; `constants` are
    `field=value`. Raises `UnusableFileError` where a required field comes from nowhere.
    """
    names = list(header)
    chosen: dict[str, tuple[str, ...]] = {}
    fixed: dict[str, str] = {}
    for constant in constants:
        field, value = _split(constant, "--set")
        fixed[field] = value.strip()
    for instruction in instructions:
        field, column = _split(instruction, "--map")
        if column.startswith("="):
            fixed[field] = column[1:].strip()
        else:
            chosen[field] = _find_columns(column.strip(), names)
    return _require(_complete(chosen, fixed, names), names)


def _split(assignment: str, option: str) -> tuple[str, str]:
    field, equals, value = assignment.partition("=")
    field = field.strip()
    if not equals or not value.strip():
        raise UnusableFileError(f"{option} {assignment}: write it as {option} field=…")
    if field not in FIELDS:
        raise UnusableFileError(
            f"{option} {assignment}: there is no field {field}; there are {', '.join(FIELDS)}"
        )
    return field, value


def _find_columns(wanted: str, names: list[str]) -> tuple[str, ...]:
    if wanted in names:
        return (wanted,)
    parts = tuple(part.strip() for part in wanted.split("+"))
    for part in parts:
        if part not in names:
            raise UnusableFileError(f"there is no column {part!r}; {_listed(names)}")
    return parts


def _complete(
    chosen: dict[str, tuple[str, ...]], fixed: dict[str, str], names: list[str]
) -> FieldMapping:
    free: dict[str, str] = {}
    taken = {name for columns in chosen.values() for name in columns}
    for name in names:
        if name not in taken:
            free.setdefault(_plain(name), name)
    for field, synonyms in SYNONYMS.items():
        if field not in chosen and field not in fixed:
            found = next((synonym for synonym in synonyms if synonym in free), None)
            if found is not None:
                chosen[field] = (free.pop(found),)
    seating = {field for field in _SEATING if field in free or field in chosen}
    if len(seating) > 1 or "seat" in seating:
        for field in _SEATING:
            if field in free and field not in chosen and field not in fixed:
                chosen[field] = (free.pop(field),)
    if "event_id" not in chosen and "event_id" not in fixed:
        _name_is_identity(chosen, fixed)
    columns = {field: names for field, names in chosen.items() if field not in fixed}
    return FieldMapping(columns, fixed)


def _name_is_identity(chosen: dict[str, tuple[str, ...]], fixed: dict[str, str]) -> None:
    if "event_name" in chosen:
        chosen["event_id"] = chosen["event_name"]
    elif "event_name" in fixed:
        fixed["event_id"] = fixed["event_name"]


def _require(mapping: FieldMapping, names: list[str]) -> FieldMapping:
    missing = [field for field in REQUIRED if not mapping.has(field)]
    if missing:
        raise UnusableFileError(
            f"no column is {' or '.join(missing)}; {_listed(names)}. "
            f"Say which it is: --map {missing[0]}=COLUMN, or --set {missing[0]}=VALUE"
        )
    return mapping


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def _listed(names: list[str]) -> str:
    shown = [name[:40] for name in names[:30]]
    return f"the columns are: {', '.join(shown)}{', …' if len(names) > len(shown) else ''}"
