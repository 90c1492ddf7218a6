"""Prices in the history, written as the sink writes them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from conscope_app.core.clock import to_epoch_ms
from conscope_app.domains.tickets.records import ProcessedPrice, encode
from conscope_app.store.engine import Database
from conscope_app.store.tickets import translate_processed
from tests.store.ledgers import AT, ARecord, ASlab, a_ledger, a_processed

MINUTE = timedelta(minutes=1)


class History:
    """Collects prices, a minute apart, and stores them all at once."""

    def __init__(self, begin: datetime = AT) -> None:
        self.now = begin
        self.records: list[tuple[ProcessedPrice, datetime]] = []

    def price(self, amount: object, seat: str = "1", **fields: Any) -> "History":
        """An all-in price of a seat, recorded now; then a minute passes."""
        values = {"timestamp": self.now, "seat": seat, **fields}
        price = a_processed(
            len(self.records), price=Decimal(1), total_price=Decimal(str(amount)), **values
        )
        self.records.append((price, self.now))
        return self.wait(minutes=1)

    def prices(self, amounts: Iterable[object], **fields: Any) -> "History":
        """One after the other."""
        for amount in amounts:
            self.price(amount, **fields)
        return self

    def wait(self, **duration: float) -> "History":
        """Let time pass."""
        self.now += timedelta(**duration)
        return self

    async def store(self, database: Database) -> None:
        """Have the sink write them."""
        ledger = a_ledger(database)
        await ledger.open()
        records = [
            ARecord(offset, encode(price), timestamp=to_epoch_ms(at))
            for offset, (price, at) in enumerate(self.records)
        ]
        await ledger.write(ASlab(0, len(records)), translate_processed(records))
