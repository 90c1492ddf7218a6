"""Roll-ups read the history by its indexes: what they cost is what is new, not what there is."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from conscope_app.store.engine import Connection, Database
from conscope_app.store.market.behind import behind
from conscope_app.store.market.event_lines import refresh_stale, refresh_told, tell_of_fresh
from conscope_app.store.market.fresh import move_positions, prepare, read_fresh, take_turn
from conscope_app.store.market.group_lines import put_together, touched_groups
from conscope_app.store.market.quartiles import Quartiles
from conscope_app.store.market.seat_folding import fold_seats
from conscope_app.store.market.span_folding import fold_spans, prune_spans
from conscope_app.store.market.to_do import to_do
from tests.store.ledgers import Tables
from tests.store.market.histories import NOW, PARTITIONS, a_history, store
from tests.store.market.listed import Listed

pytestmark = pytest.mark.postgres

# Tables that grow with the history. Those that hold the rows of one fold have no index.
GROWING = ("price_history", "price_spans")


class Explaining:
    """A cursor that asks for the plan of each statement before it runs it."""

    def __init__(self, connection: Connection) -> None:
        self.plans: list[str] = []
        self._cursor = connection.cursor()

    def execute(self, statement: str, values: Any = None) -> None:
        if not statement.startswith("SET"):
            self._cursor.execute("SET LOCAL enable_seqscan = off")
            self._cursor.execute(f"EXPLAIN {statement}", values)
            self.plans.append("\n".join(line for (line,) in self._cursor.fetchall()))
        self._cursor.execute(statement, values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


def look(connection: Connection) -> list[str]:
    """All statements of a look, on one connection; their plans."""
    prepare(connection)
    cursor: Any = Explaining(connection)
    assert take_turn(cursor)
    behind(cursor, PARTITIONS, NOW)
    to_do(cursor, before=NOW)
    assert read_fresh(cursor, PARTITIONS, 1_000)
    fold_seats(cursor)
    fold_spans(cursor, NOW)
    tell_of_fresh(cursor)
    move_positions(cursor)
    assert refresh_told(cursor, NOW, before=NOW, lines=100, seats=10_000)
    connection.commit()
    assert take_turn(cursor)
    assert refresh_stale(cursor, NOW, before=NOW + timedelta(seconds=1), most=10)
    prune_spans(cursor, NOW)
    connection.cursor().execute("UPDATE price_spans SET is_uncounted = true")
    assert Quartiles().count(cursor, NOW, 1_000_000)
    return list(cursor.plans)


async def test_no_look_reads_all_of_the_history(database: Database, tables: Tables) -> None:
    """Neither the history nor the spans are gone through from the beginning."""
    await store(database, a_history(Random(1), 3_000))
    tables.run("ANALYZE price_history")

    plans = await database.run(look)

    scans = [f"Seq Scan on {table}" for table in GROWING]
    assert len(plans) > 15
    assert [plan for plan in plans if any(scan in plan for scan in scans)] == []


def put_some_together(connection: Connection) -> list[str]:
    """All statements about the groups of ten events."""
    prepare(connection)
    cursor: Any = Explaining(connection)
    events = "SELECT 'evt-' || n FROM generate_series(1, 10) AS n"
    connection.cursor().execute(f"INSERT INTO fresh_lines (event_id) {events}")
    groups = touched_groups(cursor)
    assert len(groups) == 5
    put_together(cursor, groups, NOW)
    return list(cursor.plans)


async def test_groups_are_put_together_without_going_through_all_lines(
    database: Database, tables: Tables, listed: Listed
) -> None:
    """Nor through all members: what it costs is what is new."""
    listed.many(3_000)
    tables.run(
        "INSERT INTO event_match_members SELECT 'evt-' || n, 'evt-' || n + n % 2, now()"
        " FROM generate_series(1, 2000) AS n"
    )

    plans = await database.run(put_some_together)

    scans = ("Seq Scan on event_markets", "Seq Scan on event_match_members")
    assert len(plans) == 5
    assert [plan for plan in plans if any(scan in plan for scan in scans)] == []
    made = "SELECT count(*) FROM event_markets WHERE members IS NOT NULL"
    assert tables.run(made) == [(5,)]
