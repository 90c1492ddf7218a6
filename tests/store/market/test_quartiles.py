"""Quartiles of spans, from the history itself: soon, in measure, and by indexes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

import pytest

from conscope_app.store.engine import Database
from conscope_app.store.market.roll_ups import RollUps
from tests.store.ledgers import Tables
from tests.store.market import rolled_up
from tests.store.market.expected import roll_up
from tests.store.market.histories import NOW, PARTITIONS, Row, a_history, changed, store

pytestmark = pytest.mark.postgres

UNCOUNTED = "SELECT count(*) FROM price_spans WHERE is_uncounted"


class AClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def stored(database: Database, history: list[Row], clock: AClock) -> RollUps:
    """The roll-ups of a history, a few rows a fold: most spans are in several of them."""
    await store(database, history)
    roll_ups = RollUps(database, partitions=PARTITIONS, clock=clock, most_rows=30)
    while await roll_ups.fold():
        pass
    return roll_ups


def counted_minutes(tables: Tables) -> Mapping[int, bool]:
    """For each length of a span, whether all are counted."""
    return dict(tables.run("SELECT minutes, NOT bool_or(is_uncounted) FROM price_spans GROUP BY 1"))


@pytest.mark.parametrize("rows", [40, 40_000])
async def test_they_are_what_python_counts(database: Database, tables: Tables, rows: int) -> None:
    """Of every span, whether a look has room for many or for the rows of one."""
    history = a_history(Random(23), 400)
    roll_ups = await stored(database, history, AClock())
    ((uncounted, spans),) = tables.run(
        "SELECT count(*) FILTER (WHERE is_uncounted), count(*) FROM price_spans"
    )
    assert 0 < uncounted < spans

    while await roll_ups.count(rows):
        pass

    assert tables.run(UNCOUNTED) == [(0,)]
    assert rolled_up.spans(tables, *rolled_up.QUARTILES) == roll_up(history, NOW).spans


async def test_of_spans_that_are_in_one_fold_they_are_known_at_once(
    database: Database, tables: Tables
) -> None:
    """Nothing is read twice."""
    history = a_history(Random(29), 400)
    await store(database, history)

    await RollUps(database, partitions=PARTITIONS, clock=AClock()).fold()

    assert tables.run(UNCOUNTED) == [(0,)]
    assert rolled_up.spans(tables, *rolled_up.QUARTILES) == roll_up(history, NOW).spans


async def test_a_look_counts_no_more_than_it_may(database: Database, tables: Tables) -> None:
    """Folding has its next turn, however many spans wait."""
    roll_ups = await stored(database, a_history(Random(2), 300), AClock())

    counted = await roll_ups.count(10)

    # The last time that is begun may have more rows than were left.
    assert 10 <= counted < 300
    assert tables.run(UNCOUNTED) != [(0,)]


async def test_open_spans_are_counted_now_and_then(database: Database, tables: Tables) -> None:
    """Not with each price that comes into them, and the longer ones less often."""
    clock = AClock()
    roll_ups = await stored(database, [Row(observed_at=NOW)], clock)
    await roll_ups.count()
    assert counted_minutes(tables) == {15: True, 60: True, 1440: True}

    found: list[Mapping[int, bool]] = []
    for seconds in (1, 59, 180, 660):
        clock.now += timedelta(seconds=seconds)
        await stored(database, [changed(Row(observed_at=NOW), raw_offset=10 + len(found))], clock)
        await roll_ups.count()
        found.append(counted_minutes(tables))

    assert found == [
        {15: False, 60: False, 1440: False},
        {15: True, 60: False, 1440: False},
        {15: True, 60: True, 1440: False},
        {15: True, 60: True, 1440: True},
    ]


async def test_a_span_whose_rows_are_gone_keeps_its_quartiles(
    database: Database, tables: Tables
) -> None:
    """Months that somebody removed do not hold up the others, and leave their charts."""
    roll_ups = await stored(database, [Row(observed_at=NOW - timedelta(days=2))], AClock())
    await roll_ups.count()
    tables.run("DELETE FROM price_history")
    tables.run("UPDATE price_spans SET is_uncounted = true")

    await roll_ups.count()

    assert tables.run("SELECT DISTINCT median, is_uncounted FROM price_spans") == [(100, False)]
