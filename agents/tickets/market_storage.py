"""Processed markets become rows of `market_history`, what holds now, and what has changed."""

from collections.abc import Sequence

from faust import StreamT

from conscope_app import app
from conscope_app.store.sink import Entry
from conscope_app.store.tickets.market_rows import MarketRow, translate_markets
from conscope_app.store.tickets.markets import MarketWriter
from conscope_app.stored_feed import feed_to_postgres
from conscope_app.stream.slab import Slab
from tables.tickets import processed_markets

AGENT = "store_markets"
GROUP = "conscope-market-storage"
writer = MarketWriter()

# As with prices: it is history, and a commit costs the same for one row as for many.
REST_S = 0.25
GIVES_WAY_TO = ("track_prices", "watch_prices")  # what people have asked to hear


@app.agent(processed_markets, name=AGENT)
async def store_markets(slabs: StreamT[Slab[Sequence[Entry[MarketRow]]]]) -> None:
    """Write every snapshot, the newest of each event at each source, and every change."""
    async for slab in slabs:
        slab.commit(translate_markets(slab.records))


feed_to_postgres(
    app,
    processed_markets,
    agent=AGENT,
    group=GROUP,
    rest_s=REST_S,
    writer=writer,
    gives_way_to=GIVES_WAY_TO,
)
