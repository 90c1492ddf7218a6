"""The items of an answer: each a price event, or refused with its reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from conscope_app.core.clock import to_epoch_ms
from conscope_app.core.printable import printable
from conscope_app.core.refusal import Reason, Refused
from conscope_app.domains.tickets import validation
from conscope_app.domains.tickets.records import PriceEvent
from conscope_app.sources.adapter import Refusal
from conscope_app.sources.base import outgoing
from conscope_app.sources.feeds.path import Found, Missing, Path, find_items
from conscope_app.sources.feeds.values import ReadText, text_of
from conscope_app.sources.files.translation import RefusedCell, Translator

# A second or two of work; pages of vendors have hundreds of items, rarely thousands.
MOST_ITEMS = 20_000
_MOST_SHOWN = 200


class Condition(NamedTuple):
    """Only items that have one of these texts there."""

    path: Path
    texts: frozenset[str]

    def holds(self, item: Found) -> bool:
        """Whether this is such an item. Raises `Refused` where what is there has no text."""
        return text_of(self.path.read(item)) in self.texts


class Items(NamedTuple):
    """What an answer holds: how many items in all, and what became of them."""

    item_count: int
    prices: tuple[PriceEvent, ...]
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReader:
    """How the items of a feed are found, and what each of them says."""

    items: Path
    only: tuple[Condition, ...]
    fields: dict[str, ReadText]
    translator: Translator

    def read(self, root: Found, received_at: datetime) -> Items:
        """All of them, by ascending time. Raises `Missing` where the answer has no place for them.

        Two items that would be the same seat at the same moment cannot both be so: of these the
        first one is taken.
        """
        count = 0
        prices: list[PriceEvent] = []
        refused: list[Refusal] = []
        seen: set[tuple[bytes, datetime]] = set()
        for item in find_items(self.items, root):
            if count == MOST_ITEMS:
                why = f"over {MOST_ITEMS:,} items: those after them are not read"
                refused.append(Refusal(None, None, why))
                break
            count += 1
            try:
                prices += self._price(item, received_at, seen)
            except RefusedCell as bad:
                refused.append(self._refusal(item, bad.field, bad))
            except Refused as bad:
                refused.append(self._refusal(item, None, bad))
        prices.sort(key=lambda price: price.timestamp)
        return Items(count, tuple(prices), tuple(refused))

    def _price(
        self, item: Found | Missing, received_at: datetime, seen: set[tuple[bytes, datetime]]
    ) -> Iterator[PriceEvent]:
        if isinstance(item, Missing):
            raise Refused(Reason.MISSING_FIELD, str(item))
        if not all(condition.holds(item) for condition in self.only):
            return
        try:
            sent = outgoing(self.translator.translate(self._cells(item, received_at)))
        except UnicodeEncodeError:
            message = "it holds half a character (a lone surrogate)"
            raise Refused(Reason.NOT_TEXT, message) from None
        price = validation.validate(sent.value, to_epoch_ms(received_at))
        if (sent.key, price.timestamp) in seen:
            message = "another item has the same id, place and time: map what tells them apart"
            raise RefusedCell("event_id", price.event_id, Reason.UNEXPECTED, message)
        seen.add((sent.key, price.timestamp))
        yield price

    def _refusal(self, item: Found | Missing, field: str | None, bad: Refused) -> Refusal:
        """Whose fault it is, as far as that can be read, and where it stands."""
        if isinstance(item, Missing):
            return Refusal(None, None, _shown(str(item)))
        try:
            event_id = self.fields["event_id"](item)[:_MOST_SHOWN]
        except Refused:
            event_id = ""
        value = f" {bad.text[:60]!r}" if isinstance(bad, RefusedCell) and bad.text else ""
        why = f"{item.where[:_MOST_SHOWN]}:{value} {bad.message[:_MOST_SHOWN]}"
        return Refusal(printable(event_id) or None, field, printable(why))

    def _cells(self, item: Found, received_at: datetime) -> dict[str, str]:
        cells = {}
        for field, read in self.fields.items():
            try:
                cells[field] = read(item)
            except Refused as bad:
                raise RefusedCell(field, "", bad.reason, bad.message) from None
        if not cells.get("timestamp"):
            if "timestamp" in self.fields:
                raise RefusedCell("timestamp", "", Reason.MISSING_FIELD, "no timestamp")
            cells["timestamp"] = received_at.isoformat()
        return cells


def _shown(text: str) -> str:
    return printable(text[:_MOST_SHOWN])
