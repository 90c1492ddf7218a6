"""From the cells of a row to a price event, or to the reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from conscope_app.core.refusal import Reason, Refused
from conscope_app.domains.tickets.records import PriceEvent
from conscope_app.sources.files.amounts import Amount, DecimalSign, is_blank, parse_amount
from conscope_app.sources.files.cells import Cells
from conscope_app.sources.files.dates import Parse
from conscope_app.sources.files.mapping import FieldMapping

AMOUNTS = ("price", "fees", "total_price")
_MAX_QUANTITY_DIGITS = 9


class RefusedCell(Refused):
    """A row that cannot be taken because of one of its fields."""

    def __init__(self, field: str, text: str, reason: Reason, message: str) -> None:
        super().__init__(reason, message)
        self.field = field
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class Translator:
    """Translates rows of one file; what a row does not say has sensible constants.

    Section, row, seat and venue default to nothing, the event's name to its id, the source to
    `source`. The currency is the column's, else the one written beside the price, else USD.
    """

    mapping: FieldMapping
    decimal_signs: Mapping[str, DecimalSign]
    parse_moment: Parse
    source: str
    currency_hint: str = "; where it is the same for all: --set currency=…"

    def translate(self, cells: Cells) -> PriceEvent:
        """The price event of the row. Raises `RefusedCell`."""
        text = self.mapping.text
        event_id = self._needed("event_id", cells)
        price = self._price(cells)
        return PriceEvent(
            event_id=event_id,
            event_name=text("event_name", cells) or event_id,
            venue=text("venue", cells),
            event_date=text("event_date", cells) or None,
            source=text("source", cells) or self.source,
            section=text("section", cells),
            row=text("row", cells),
            seat=text("seat", cells),
            price=price.value,
            fees=self._optional_amount("fees", cells),
            total_price=self._optional_amount("total_price", cells),
            timestamp=self._moment(cells),
            listing_id=text("listing_id", cells) or None,
            listing_url=text("listing_url", cells) or None,
            quantity=self._quantity(cells),
            delivery_method=text("delivery_method", cells) or None,
            seller_notes=text("seller_notes", cells) or None,
            currency=self._currency(price, cells),
        )

    def _needed(self, field: str, cells: Cells) -> str:
        text = self.mapping.text(field, cells)
        if not text:
            raise RefusedCell(field, text, Reason.MISSING_FIELD, f"no {field}")
        return text

    def _price(self, cells: Cells) -> Amount:
        text = self.mapping.cell("price", cells)
        if is_blank(text):
            # No price is not the price 0: nobody offered it for nothing.
            raise RefusedCell("price", text, Reason.MISSING_FIELD, "no price")
        return self._amount("price", text, Reason.BAD_PRICE)

    def _optional_amount(self, field: str, cells: Cells) -> Decimal | None:
        text = self.mapping.cell(field, cells)
        return None if is_blank(text) else self._amount(field, text, Reason.BAD_AMOUNT).value

    def _amount(self, field: str, text: str, reason: Reason) -> Amount:
        try:
            return parse_amount(text, self.decimal_signs[field])
        except Refused as refused:
            raise RefusedCell(field, text, reason, refused.message) from None

    def _moment(self, cells: Cells) -> datetime:
        text = self._needed("timestamp", cells)
        try:
            return self.parse_moment(text)
        except Refused as refused:
            raise RefusedCell("timestamp", text, refused.reason, refused.message) from None

    def _quantity(self, cells: Cells) -> int | None:
        text = self.mapping.text("quantity", cells)
        if not text:
            return 1
        if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_QUANTITY_DIGITS):
            raise RefusedCell("quantity", text, Reason.WRONG_TYPE, "no whole number")
        return int(text)

    def _currency(self, price: Amount, cells: Cells) -> str:
        said = self.mapping.text("currency", cells).upper()
        if said:
            # `$` is written for many dollars; any other currency beside the price must agree.
            if price.currency not in (None, "", "USD", said):
                message = f"the price is in {price.currency}, the currency is said to be {said}"
                raise RefusedCell("currency", said, Reason.BAD_CURRENCY, message)
            return said
        if price.currency == "" or (price.currency is None and self.mapping.has("currency")):
            message = f"no currency{self.currency_hint}"
            raise RefusedCell("currency", said, Reason.BAD_CURRENCY, message)
        return price.currency or "USD"
