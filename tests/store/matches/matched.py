"""Events as sources know them, and what became of their pairs."""

from datetime import UTC, datetime
from typing import Any, Self

import msgspec

from conscope_app.domains.tickets.market import EventFacts, Venue
from tests.store.ledgers import Tables

NOW = datetime(2027, 5, 1, 12, tzinfo=UTC)

_SEEN = """
INSERT INTO market_now
    (event_id, source, raw_partition, raw_offset, observed_at, recorded_at, spoken, facts)
VALUES (%s, %s, 0, 0, %s, %s, '{}', %s)
"""


class Known:
    """Writes what sources say, as others would, and reads what was made of it."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def __enter__(self) -> Self:
        self.tables.run("TRUNCATE market_now")
        return self

    def __exit__(self, *_: object) -> None:
        self.tables.run("TRUNCATE market_now")

    def event(self, event_id: str, **changes: Any) -> None:
        """A concert, as the source says it whose name its id begins with."""
        city = changes.pop("city", "Chicago")
        fields: dict[str, Any] = {
            "name": "Wilco",
            "venue": Venue(name=changes.pop("venue", "Salt Shed"), city=city),
            "local_date": "2027-05-15",
            "local_time": "19:00",
        }
        facts = msgspec.json.encode(EventFacts(**(fields | changes))).decode()
        source = event_id.split("-")[0]
        self.tables.run("DELETE FROM market_now WHERE event_id = %s", event_id)
        self.tables.run(_SEEN, event_id, source, NOW, NOW, facts)

    def from_prices(self, event_id: str, name: str, venue: str, date: str | None) -> None:
        """An event of which only prices are known."""
        row = (event_id, name, venue, date, NOW, NOW)
        self.tables.run("INSERT INTO events VALUES (%s, %s, %s, %s, %s, %s)", *row)

    def pairs(self) -> dict[tuple[str, str], tuple[str, str | None]]:
        """What each pair is, and the person who said so."""
        rows = self.tables.run("SELECT one, other, state, by_whom FROM event_match_pairs")
        return {(one, other): (state, by_whom) for one, other, state, by_whom in rows}

    def groups(self) -> dict[str, str]:
        """The group of each event that has one."""
        rows = self.tables.run("SELECT event_id, group_id FROM event_match_members")
        return dict(rows)

    def trace(self) -> list[tuple[str, str | None]]:
        """What was decided, in its order, and by whom."""
        rows = self.tables.run("SELECT act, by_whom FROM event_match_trace ORDER BY id")
        return [(act, by_whom) for act, by_whom in rows]
