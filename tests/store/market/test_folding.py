"""Folding in SQL gives what the definition in Python gives, however it is cut and disturbed."""

import asyncio
from random import Random

import psycopg2
import pytest

from conscope_app.store.engine import Database
from conscope_app.store.market.roll_ups import RollUps
from tests.store.ledgers import Tables
from tests.store.market import rolled_up
from tests.store.market.conftest import OpenDatabase
from tests.store.market.expected import roll_up
from tests.store.market.histories import NOW, PARTITIONS, Row, a_history, store
from tests.store.wire import a_wire

pytestmark = pytest.mark.postgres

# A piece of each statement of a fold, and of the end of its transaction.
STATEMENTS = (
    b"pg_try_advisory_xact_lock",
    b"INSERT INTO market_positions",
    b"INSERT INTO fresh_prices",
    b"INSERT INTO seats",
    b"INSERT INTO event_sources",
    b"INSERT INTO fresh_series",
    b"INSERT INTO price_series",
    b"UPDATE fresh_series",
    b"INSERT INTO price_spans",
    b"INSERT INTO event_news",
    b"UPDATE market_positions",
    b"INSERT INTO fresh_lines",
    b"INSERT INTO event_markets",
    b"COMMIT",
)


def the_roll_ups(database: Database, most_rows: int = 20_000) -> RollUps:
    return RollUps(database, partitions=PARTITIONS, clock=lambda: NOW, most_rows=most_rows)


async def check(database: Database, tables: Tables, history: list[Row]) -> None:
    """Every table is as the history says, once no line has news."""
    while await the_roll_ups(database).refresh():
        pass
    assert tables.run("SELECT 1 FROM event_news") == []
    expected = roll_up(history, NOW)
    assert rolled_up.sources(tables) == expected.sources
    assert rolled_up.seats(tables) == expected.seats
    plain = {
        key: {name: span[name] for name in span if name not in rolled_up.QUARTILES}
        for key, span in expected.spans.items()
    }
    assert rolled_up.spans(tables) == plain
    lines = rolled_up.lines(tables)
    ratios = {key: line.pop("change_ratio") for key, line in lines.items()}
    wanted = {key: line.pop("change_ratio") for key, line in expected.lines.items()}
    assert lines == expected.lines
    assert ratios == {
        key: None if ratio is None else pytest.approx(ratio, abs=1e-6, rel=1e-9)
        for key, ratio in wanted.items()
    }


@pytest.mark.parametrize("seed", range(4))
async def test_any_cut_gives_the_same(database: Database, tables: Tables, seed: int) -> None:
    """Rows come and are folded in runs of any length; nothing is left to fold twice."""
    chance = Random(seed)
    history = a_history(chance, 600)
    left = list(history)

    while left:
        several = chance.choice((1, 7, 60, 400))
        await store(database, left[:several])
        del left[:several]
        most = chance.choice((3, 30, 300, 20_000))
        while await the_roll_ups(database, most).fold():
            if chance.random() < 0.5:
                await the_roll_ups(database).refresh()

    await check(database, tables, history)


async def test_all_at_once(database: Database, tables: Tables) -> None:
    """A new installation on an old history."""
    history = a_history(Random(11), 1_500, days=20)
    await store(database, history)

    assert await the_roll_ups(database).fold() == len(history)
    assert await the_roll_ups(database).fold() == 0
    await check(database, tables, history)


async def test_two_at_once_do_not_disturb_each_other(
    database: Database, tables: Tables, open_database: OpenDatabase
) -> None:
    """Each row is folded by one of them, while more are stored."""
    history = a_history(Random(5), 800)

    async def keep_folding() -> int:
        roll_ups = the_roll_ups(open_database(), 30)
        folded = 0
        while not all_stored.is_set() or (await roll_ups.behind_now()).rows:
            folded += await roll_ups.fold()
        return folded

    all_stored = asyncio.Event()

    async with asyncio.TaskGroup() as group:
        folders = [group.create_task(keep_folding()) for _ in range(2)]
        for start in range(0, len(history), 100):
            await store(database, history[start : start + 100])
        all_stored.set()

    assert sum(folder.result() for folder in folders) == len(history)
    await check(database, tables, history)


async def test_cut_off_at_any_statement(
    database: Database,
    tables: Tables,
    store_url: str,
    open_database: OpenDatabase,
) -> None:
    """What was under way is undone, or done; the next one goes on behind it."""
    # More than are folded on the way, sixty at a time, so that there are some for each statement.
    history = a_history(Random(7), 60 * (len(STATEMENTS) + 6))
    await store(database, history)
    cut_off = 0

    async with a_wire(store_url) as wire:
        for statement in STATEMENTS:
            broken = the_roll_ups(open_database(wire.url), 60)
            wire.lose_answer_to(statement)
            try:
                await broken.fold()
                await broken.refresh()
            except psycopg2.Error:
                cut_off += 1
            # It would ask whether the server is back, and have its own COMMIT cut off some day.
            await broken.close()
            # Postgres may notice a moment later; until then nobody else folds.
            await tables.until("SELECT FROM pg_locks WHERE locktype = 'advisory'", rows=0)
            await the_roll_ups(database, 60).fold()
    while await the_roll_ups(database, 60).fold():
        pass

    assert cut_off == len(STATEMENTS)
    await check(database, tables, history)


async def test_keys_are_the_names_as_a_rows_text(database: Database, tables: Tables) -> None:
    """Whoever looks a line up makes its key of the names."""
    await store(database, a_history(Random(3), 200))
    await the_roll_ups(database).fold()
    await the_roll_ups(database).refresh()

    for table, columns in {
        "seats": 'event_id, source, section, "row", seat',
        "event_sources": "event_id, source",
        "event_markets": "event_id, currency",
        "price_series": "event_id, currency, scope, name",
    }.items():
        keys = f"count(*) > 0, bool_and(key = sha256(convert_to(ROW({columns})::text, 'UTF8')))"
        assert tables.run(f"SELECT {keys} FROM {table}") == [(True, True)]
