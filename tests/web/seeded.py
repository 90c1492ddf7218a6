"""A site on which there is something of every kind that the API shows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from conscope_app import app
from conscope_app.store.engine import Database
from tests.store.ledgers import Tables
from tests.store.market.event.market_rows import EVENT, MarketRows
from tests.store.watches.stored_prices import History
from tests.store.watches.telling import Stage, TakesAll
from tests.web.api import ask
from tests.web.event_pages import a_charted_hall
from tests.web.reports import NOW
from tests.web.rows import Rows
from tests.web.site import Site

# What the parts of addresses stand for.
NAMED = {
    "watch_id": "cheap-floor",
    "silence_id": "party",
    "episode": "e1",
    "name": "default",
    "event_id": EVENT,
}

WATCH: dict[str, Any] = {
    "name": "Floor under 100",
    "what": {"subjects": ["evt-1"], "only": {"section": ["Floor*"]}, "together": 2},
    "when": {"target": {"at_most": "100.00"}},
    "often": {"quiet": {"begin": "22:00", "until": "07:00"}},
}
SILENCE = {"ends_at": "2027-01-01T08:00:00Z", "labels": {"section": ["Floor*"]}}

TABLES = (
    *("watches", "watch_episodes", "watch_entries", "watch_messages", "watch_spoken"),
    *("watch_silences", "delivery_targets", "price_history", "events", "sink_positions"),
    *("seats", "event_sources", "event_markets", "price_spans", "price_series"),
    *("market_now", "market_history", "market_days", "event_changes"),
    *("event_match_pairs", "event_match_members", "event_match_trace"),
)


@asynccontextmanager
async def seeded(site: Site, database_url: str) -> AsyncIterator[Site]:
    """The site over a database with an event, alerts, a watch and its episodes, and a silence."""
    rows, database = Rows(database_url), Database(database_url)
    settings = app.settings
    app.settings = settings.model_copy(update={"database_url": SecretStr(database_url)})
    with Tables(database_url) as tables:
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")
        try:
            site.use_database(database_url)
            tables.run("BEGIN")  # one commit for all of it
            a_charted_hall(market := MarketRows(tables))
            for at in (NOW, NOW - timedelta(hours=1)):
                market.snapshot("seatgeek", lowest="80.00", currency="USD", observed_at=at)
            market.change(1, "few_left")
            a_pair_for_review(tables)
            tables.run("COMMIT")
            await _tell(site, database, rows)
            yield site
        finally:
            app.settings = settings
            for table in TABLES:
                tables.run(f"DELETE FROM {table}")
            rows.close()
            await database.close()


def a_pair_for_review(
    tables: Tables, one: str = "seatgeek-1", other: str = "ticketmaster-1"
) -> None:
    """Two events that may be one."""
    for event_id in (one, other):
        row = (event_id, "Wilco", "Salt Shed", "2027-05-15", NOW, NOW)
        tables.run("INSERT INTO events VALUES (%s, %s, %s, %s, %s, %s)", *row)
    tables.run(
        "INSERT INTO event_match_pairs VALUES (%s, %s, 'review', NULL, 'venue_near', '', 100, %s)",
        one,
        other,
        NOW,
    )


async def _tell(site: Site, database: Database, rows: Rows) -> None:
    for offset, status in enumerate(("sent", "dead", "waiting")):
        rows.alert(offset)
        rows.delivery(offset, status)
    rows.target("discord", disabled_at=NOW, disabled_reason="Discord answered 404")
    history = History(NOW - timedelta(hours=2)).price(120)
    await history.wait(hours=1).prices([80, 130, 70]).store(database)
    made = await ask(site, "PUT", f"watches/{NAMED['watch_id']}", WATCH)
    assert made.status == 201, made.body
    assert (await ask(site, "PUT", f"silences/{NAMED['silence_id']}", SILENCE)).status == 201
    stage = Stage(database)
    await stage.watch()
    await stage.decide(stage.raised("e1"))
    await stage.turns(stage.courier(TakesAll()))
    stage.clock.now += timedelta(minutes=1)
    await stage.watch(to={"snoozed_until": "2030-01-01T00:00:00Z"})
    await stage.decide(stage.raised("e2", subject="b"))
