"""Processed prices become rows of `price_history`, once each."""

from collections.abc import Sequence

from faust import StreamT

from conscope_app import app
from conscope_app.store.sink import Entry
from conscope_app.store.tickets.history import HistoryWriter
from conscope_app.store.tickets.rows import HistoryRow, translate_processed
from conscope_app.stored_feed import feed_to_postgres
from conscope_app.stream.slab import Slab
from tables.tickets import processed_prices

AGENT = "store_prices"
GROUP = "conscope-storage"
writer = HistoryWriter()

# A row is history: nobody waits for it, and a commit costs the same for one row as for many.
REST_S = 0.25
GIVES_WAY_TO = ("track_prices", "watch_prices")  # what people have asked to hear


@app.agent(processed_prices, name=AGENT)
async def store_prices(slabs: StreamT[Slab[Sequence[Entry[HistoryRow]]]]) -> None:
    """Write the history of every price event, and the events; what Postgres refuses is kept."""
    async for slab in slabs:
        slab.commit(translate_processed(slab.records))


feed_to_postgres(
    app,
    processed_prices,
    agent=AGENT,
    group=GROUP,
    rest_s=REST_S,
    writer=writer,
    gives_way_to=GIVES_WAY_TO,
)
