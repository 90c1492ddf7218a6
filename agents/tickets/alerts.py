"""Alerts become rows of `price_drop_alerts` and, where somebody should hear, deliveries."""

from collections.abc import Sequence

from faust import StreamT

from conscope_app import app
from conscope_app.alerting.decisions import decide
from conscope_app.domains.tickets.records import PriceAlert
from conscope_app.store.sink import Entry
from conscope_app.store.tickets.alerts import AlertWriter
from conscope_app.store.tickets.rows import AlertRow, translate_alerts
from conscope_app.stored_feed import feed_to_postgres
from conscope_app.stream.slab import Slab
from tables.tickets import price_alerts

AGENT = "store_alerts"
GROUP = "conscope-alerts"

# A commit costs as much for one alert as for many, and who is told within a second does not miss a
# twentieth of it.
REST_S = 0.05

writer = AlertWriter([app.services.courier.channel])


def decision(alert: PriceAlert) -> str:
    """Whether somebody should hear of it, as Postgres keeps it."""
    return decide(alert.drop_percent, minimum=app.settings.alert_min_drop_percent).text


@app.agent(price_alerts, name=AGENT)
async def store_alerts(slabs: StreamT[Slab[Sequence[Entry[AlertRow]]]]) -> None:
    """Write every alert, and in the same transaction what is to be told to the channel."""
    async for slab in slabs:
        slab.commit(translate_alerts(slab.records, decision))


feed_to_postgres(
    app,
    price_alerts,
    agent=AGENT,
    group=GROUP,
    rest_s=REST_S,
    writer=writer,
    written=app.services.courier.wake,
)
