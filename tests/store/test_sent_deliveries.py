"""How many deliveries were sent is known without counting them, whoever changes them."""

from functools import partial

import pytest

from conscope_app.store.engine import Database
from conscope_app.store.stats import read_delivery_stats
from tests.store.alerts.stored_drops import Drops, plans_of
from tests.store.ledgers import Tables

pytestmark = pytest.mark.postgres

SENT = "SELECT channel, sent FROM sent_deliveries WHERE sent <> 0 ORDER BY channel"


@pytest.fixture
def drops(tables: Tables) -> Drops:
    return Drops(tables)


def test_every_change_is_counted(drops: Drops, tables: Tables) -> None:
    """One by one and many at once: what comes, is told, waits again, and goes."""
    for offset in range(6):
        drops.delivery(offset, "sent" if offset < 2 else "waiting")
        drops.delivery(offset, "waiting", channel="email")
    assert tables.run(SENT) == [("discord", 2)]

    tables.run("UPDATE deliveries SET status = 'sent' WHERE raw_offset > 0")
    assert tables.run(SENT) == [("discord", 6), ("email", 5)]

    tables.run("UPDATE deliveries SET attempts = attempts + 1, channel = channel || raw_offset % 2")
    assert tables.run(SENT) == [("discord0", 3), ("discord1", 3), ("email0", 2), ("email1", 3)]

    tables.run("UPDATE deliveries SET status = 'dead' WHERE channel = 'email0'")
    tables.run("DELETE FROM deliveries WHERE raw_offset = 1")
    assert tables.run(SENT) == [("discord0", 3), ("discord1", 2), ("email1", 2)]

    tables.run("TRUNCATE deliveries")
    assert tables.run(SENT) == []


async def test_the_statistics_look_at_no_delivery_that_was_sent(
    database: Database, drops: Drops, tables: Tables
) -> None:
    """But at those of the newest alerts; and the number is that of the rows."""
    drops.many(3_000)
    drops.delivery(1, "dead")
    work = partial(read_delivery_stats, alerts=5)
    plans = await plans_of(database, work)
    found = await database.run(work)

    ((sent, waiting, dead),) = tables.run(
        "SELECT count(*) FILTER (WHERE status = 'sent'),"
        " count(*) FILTER (WHERE status = 'waiting'), count(*) FILTER (WHERE status = 'dead')"
        " FROM deliveries"
    )
    counted = found.deliveries
    assert (counted.sent, counted.waiting, counted.dead) == (sent, waiting, dead)
    assert sent > 2_000
    (of_deliveries,) = [plan for plan in plans if "sent_deliveries" in plan]
    assert "deliveries_pkey" not in of_deliveries.replace("sent_deliveries_pkey", "")
    assert "Seq Scan on deliveries" not in of_deliveries
