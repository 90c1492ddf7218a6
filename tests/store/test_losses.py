"""Acknowledgements: a number for each partition, the last one given."""

import psycopg2
import pytest

from conscope_app.store.engine import Database
from conscope_app.store.losses import acknowledge, read_acknowledged
from tests.store.ledgers import Tables

pytestmark = pytest.mark.postgres

RAW = ("conscope", "raw_prices", 3)
ALERTS = ("conscope-alerts", "price_alerts", 3)


async def test_what_was_acknowledged_is_read_back(database: Database) -> None:
    """By consumer group, topic and partition; at first there is nothing."""
    assert await read_acknowledged(database) == {}

    await acknowledge(database, {RAW: 20, ALERTS: 2**40})

    assert await read_acknowledged(database) == {RAW: 20, ALERTS: 2**40}


async def test_the_last_acknowledgement_of_a_partition_stands(
    database: Database, tables: Tables
) -> None:
    """More may be lost later; and less, where a topic was made anew. The others stay."""
    await acknowledge(database, {RAW: 20, ALERTS: 1})
    tables.run("UPDATE acknowledged_losses SET acknowledged_at = 'yesterday'")

    await acknowledge(database, {RAW: 5})

    assert await read_acknowledged(database) == {RAW: 5, ALERTS: 1}
    moved = "SELECT topic FROM acknowledged_losses WHERE acknowledged_at > 'today'"
    assert tables.run(moved) == [("raw_prices",)]


async def test_acknowledging_nothing_asks_nobody() -> None:
    """Not even a database that is away."""
    away = Database("postgresql+psycopg2://conscope@127.0.0.1:1/none")

    await acknowledge(away, {})
    with pytest.raises(psycopg2.OperationalError):
        await acknowledge(away, {RAW: 1})
    await away.close()
