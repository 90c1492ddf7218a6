"""What the listings of a table add up to, for the cards of the overview."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from conscope_app.domains.tickets.pricing import decode_last_seen
from conscope_app.domains.tickets.seat_key import parse_seat_key


@dataclass(slots=True)
class Sum:
    """Listings of one currency."""

    count: int = 0
    total: Decimal = Decimal(0)
    lowest: Decimal = Decimal("Infinity")
    highest: Decimal = Decimal(0)


@dataclass(slots=True)
class ListingSums:
    """Sums by currency, and the sources that were seen."""

    by_currency: dict[str, Sum] = field(default_factory=dict)
    sources: set[str] = field(default_factory=set)

    def add(self, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Count rows of the table `last_seen_prices`."""
        for key, value in rows:
            last = decode_last_seen(value)
            sums = self.by_currency.setdefault(last.currency, Sum())
            sums.count += 1
            sums.total += last.price
            sums.lowest = min(sums.lowest, last.price)
            sums.highest = max(sums.highest, last.price)
            self.sources.add(parse_seat_key(key).source)
