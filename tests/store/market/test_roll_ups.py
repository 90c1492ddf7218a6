"""The roll-ups as time passes: pace, outages, staleness, and made anew."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import psycopg2
import pytest

from conscope_app.store.engine import Database
from conscope_app.store.market import roll_ups as roll_ups_module
from conscope_app.store.market.behind import Behind
from conscope_app.store.market.fresh import wait_turn
from conscope_app.store.market.roll_ups import (
    LOOK_EVERY_S,
    REST_SHARE,
    REST_SHARE_UNDER_PRESSURE,
    TOLD_EVERY,
    Looked,
    RollUps,
)
from conscope_app.store.url import connect_arguments
from tests.store.ledgers import Tables
from tests.store.market import rolled_up
from tests.store.market.conftest import OpenDatabase
from tests.store.market.expected import roll_up
from tests.store.market.histories import NOW, PARTITIONS, Row, a_history, store
from tests.store.wire import a_wire

pytestmark = pytest.mark.postgres

LINE = "SELECT lowest, lowest_day_ago, change_ratio FROM event_markets"


def the_roll_ups(database: Database, clock: Callable[[], datetime] = lambda: NOW) -> RollUps:
    return RollUps(database, partitions=PARTITIONS, clock=clock)


async def test_what_the_time_alone_changes_is_soon_known(
    database: Database, tables: Tables
) -> None:
    """The price of a day ago becomes another one, although nobody says anything of the event."""
    moment = NOW
    roll_ups = the_roll_ups(database, lambda: moment)
    then = NOW - timedelta(hours=20)
    await store(
        database,
        [
            Row(raw_offset=1, observed_at=then, price=Decimal(80)),
            Row(
                raw_offset=2, observed_at=NOW, price=Decimal(60), kind="drop", old_price=Decimal(80)
            ),
        ],
    )
    await roll_ups.look()
    assert tables.run(LINE) == [(Decimal(60), None, None)]

    moment = NOW + timedelta(hours=4)
    looked = await roll_ups.look()

    assert looked == Looked(folded=0, counted=looked.counted, refreshed=1)
    assert tables.run(LINE) == [(Decimal(60), Decimal(80), Decimal("-0.25"))]
    assert (await roll_ups.look()).refreshed == 0


async def test_short_spans_go_after_eight_days(database: Database, tables: Tables) -> None:
    """Those of an hour stay, but of a section; of that after two days none is there."""
    moment = NOW
    roll_ups = the_roll_ups(database, lambda: moment)
    await store(database, [Row(observed_at=NOW)])
    await roll_ups.look()
    lengths = "SELECT DISTINCT minutes FROM price_spans ORDER BY 1"
    assert tables.run(lengths) == [(15,), (60,), (1440,)]

    of_sections = (
        "SELECT minutes FROM price_spans JOIN price_series ON id = series WHERE scope = 'section'"
    )
    moment = NOW + timedelta(days=2, minutes=8)
    await roll_ups.look()
    assert tables.run(lengths) == [(15,), (60,), (1440,)]
    assert tables.run(of_sections) == [(1440,)]

    moment = NOW + timedelta(days=8, minutes=8)
    await roll_ups.look()

    assert tables.run(lengths) == [(60,), (1440,)]


async def test_a_new_name_reaches_the_line(database: Database, tables: Tables) -> None:
    """With the row that brought it, and a line changes every few seconds at most."""
    moment = NOW
    roll_ups = the_roll_ups(database, lambda: moment)
    await store(database, [Row(raw_offset=1)])
    await roll_ups.look()
    tables.run("UPDATE events SET event_name = 'Moved', venue = 'Elsewhere', event_date = NULL")
    await store(database, [Row(raw_offset=2, kind="same")])
    await roll_ups.look()
    assert tables.run("SELECT event_name FROM event_markets") != [("Moved",)]

    moment += TOLD_EVERY
    await roll_ups.look()

    found = tables.run("SELECT event_name, venue, event_date FROM event_markets")
    assert found == [("Moved", "Elsewhere", None)]


async def test_how_far_it_is_behind(database: Database, tables: Tables) -> None:
    """Rows that wait, and for how long the oldest of them does."""
    roll_ups = the_roll_ups(database)
    assert await roll_ups.behind_now() == Behind(0, 0.0)
    rows = [
        Row(raw_partition=1, raw_offset=each, recorded_at=NOW - timedelta(seconds=60 - each))
        for each in range(10)
    ]
    await store(database, rows)
    assert await roll_ups.behind_now() == Behind(10, 60.0)

    await roll_ups.look()

    assert roll_ups.behind == Behind(0, 0.0)


@pytest.mark.parametrize("by_command", [False, True])
async def test_made_anew_after_rows_came_behind_the_position(
    database: Database, tables: Tables, *, by_command: bool
) -> None:
    """A rebuild fills gaps of the history: the roll-ups are emptied, and follow from it again."""
    history = a_history(Random(9), 300)
    roll_ups = the_roll_ups(database)
    await store(database, history[::2])
    await roll_ups.look()
    await store(database, history[1::2])

    await roll_ups.empty()
    assert tables.run("SELECT 1 FROM seats UNION ALL SELECT 1 FROM price_spans") == []
    if by_command:
        assert await roll_ups.make_anew() == len(history)
    else:
        await roll_ups.look()

    in_order = sorted(history, key=lambda row: (row.raw_partition, row.raw_offset))
    expected = roll_up(in_order, NOW)
    assert sorted(rolled_up.lines(tables)) == sorted(expected.lines)
    assert rolled_up.seats(tables) == expected.seats
    assert rolled_up.spans(tables, *rolled_up.QUARTILES) == expected.spans


async def test_who_does_not_have_the_turn_leaves_it(
    database: Database, tables: Tables, store_url: str
) -> None:
    """A worker that stands still in its transaction holds no other one up."""
    await store(database, [Row()])

    other = psycopg2.connect(**connect_arguments(store_url, "another"))
    try:
        wait_turn(other.cursor())
        assert await the_roll_ups(database).look() == Looked(0, 0, 0)
    finally:
        other.close()


async def test_it_rests_after_each_look_and_waits_for_a_server_that_is_away(
    database: Database, tables: Tables, store_url: str, open_database: OpenDatabase
) -> None:
    """And goes on with what came meanwhile."""
    rests: list[float] = []

    async with a_wire(store_url) as wire:
        roll_ups = the_roll_ups(open_database(wire.url))

        async def sleep(seconds: float) -> None:
            rests.append(seconds)
            if len(rests) == 1:
                await wire.cut()
            elif len(rests) == 3:
                await store(database, [Row()])
                await wire.restore()

        await roll_ups.run(sleep, lambda: bool(tables.run("SELECT 1 FROM seats")))

    assert len(rests) >= 4
    assert min(rests) >= LOOK_EVERY_S
    assert roll_ups.behind == Behind(0, 0.0)


async def test_it_rests_longer_while_others_are_under_pressure(
    database: Database, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to as many times as long as a look took; a look goes on as soon as they are not."""
    rests: list[float] = []
    times = iter((0.0, 0.5, 100.0, 100.5, 200.0, 200.5))
    monkeypatch.setattr(roll_ups_module, "monotonic_s", lambda: next(times))
    whole = 0.5 * REST_SHARE_UNDER_PRESSURE - 0.5 * REST_SHARE
    pressed = iter([False, True, True, False, *[True] * int(whole)])

    async def sleep(seconds: float) -> None:
        rests.append(seconds)

    await the_roll_ups(database).run(
        sleep, lambda: len(rests) == 5 + int(whole), lambda: next(pressed)
    )

    usual = 0.5 * REST_SHARE
    assert rests == [usual, usual, 1.0, 1.0, usual, *[1.0] * int(whole)]


async def test_it_looks_less_often_while_nothing_is_stored(
    database: Database, tables: Tables
) -> None:
    """And within its second where this worker has stored something."""
    looks: list[None] = []
    rests: list[int] = []  # the look that each is behind
    stored = iter([0] * 6 + [1] + [2] * 9)

    class Counted(RollUps):
        async def look(self) -> Looked:
            looks.append(None)
            return await super().look()

    async def sleep(seconds: float) -> None:
        assert seconds == LOOK_EVERY_S
        rests.append(len(looks))

    roll_ups = Counted(database, partitions=PARTITIONS, clock=lambda: NOW)
    await roll_ups.run(sleep, lambda: len(rests) >= 7, stored=lambda: next(stored))

    assert rests == [1, 1, 1, 1, 1, 2, 3]
