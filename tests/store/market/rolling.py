"""The list of events as it follows what is stored, look by look."""

from conscope_app.store.engine import Database
from conscope_app.store.market.event_list import Line, read_events
from conscope_app.store.market.event_list_find import Find
from conscope_app.store.market.roll_ups import TOLD_EVERY, RollUps
from tests.store.market.histories import NOW, PARTITIONS


class Rolling:
    """Roll-ups whose clock goes on with each look."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._now = NOW
        self.roll_ups = RollUps(database, partitions=PARTITIONS, clock=lambda: self._now)

    async def lines(self, find: Find | None = None) -> list[Line]:
        """The list after the next look."""
        self._now += 2 * TOLD_EVERY
        await self.roll_ups.look()
        return await self.listed(find)

    async def listed(self, find: Find | None = None) -> list[Line]:
        """The list as it is."""
        found = await self._database.run(
            lambda connection: read_events(connection, find or Find(sort="name", order="asc"), NOW)
        )
        return found.lines

    async def make_anew(self) -> None:
        """Empty the roll-ups and make them again."""
        await self.roll_ups.make_anew()
