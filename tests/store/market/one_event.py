"""Events that are sold under several ids, and what persons say of them."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from conscope_app.domains.tickets.matching.aliases import aliases_with
from conscope_app.store.engine import Connection, Database
from conscope_app.store.matches.rulings import Rulings
from tests.store.ledgers import Tables
from tests.store.market.histories import NOW, Row, store


class Sales:
    """Has events sold, and made one and several again as persons do."""

    def __init__(self, database: Database, tables: Tables) -> None:
        self._database = database
        self._tables = tables
        self._offset = 0

    async def seats(self, event_id: str, prices: Sequence[int], **given: Any) -> None:
        """Each price is that of a seat of its own, at the source that the id begins with."""
        fields = {"source": event_id.split("-")[0], **given}
        rows: list[Row] = []
        for seat, price in enumerate(prices):
            self._offset += 1
            place: dict[str, Any] = {"raw_offset": self._offset, "seat": str(seat)}
            rows.append(Row(event_id=event_id, price=Decimal(price), **(place | fields)))
        await store(self._database, rows)

    def called(self, event_id: str, name: str, venue: str, date: str | None = "2026-12-24") -> None:
        """The event is called so; its lines say it with their next news."""
        self._tables.run(
            "UPDATE events SET event_name = %s, venue = %s, event_date = %s WHERE event_id = %s",
            *(name, venue, date, event_id),
        )

    async def merge(self, one: str, other: str) -> None:
        """The two are one."""
        await self._rule(lambda rulings: rulings.merge(one, other, by="Ada", why=""))

    async def keep_apart(self, one: str, other: str) -> None:
        """The two are not one."""
        await self._rule(lambda rulings: rulings.keep_apart(one, other, by="Ada", why=""))

    async def split(self, event_id: str) -> None:
        """The event is none of its group."""
        await self._rule(lambda rulings: rulings.split(event_id, by="Ada", why=""))

    async def _rule(self, say: Callable[[Rulings], None]) -> None:
        def work(connection: Connection) -> None:
            say(Rulings(connection, aliases=aliases_with(), now=NOW))

        await self._database.run(work)
