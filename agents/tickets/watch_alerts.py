"""Decisions of watches become episodes, and what each channel is to tell of them."""

from collections.abc import Sequence

from faust import StreamT

from conscope_app import app
from conscope_app.alerting.watches.decisions import Decision
from conscope_app.store.sink import Entry
from conscope_app.store.watches.accepting import DecisionWriter, translate_decisions
from conscope_app.stored_feed import feed_to_postgres
from conscope_app.stream.slab import Slab
from tables.watches import watch_decisions

AGENT = "store_watch_decisions"
GROUP = "conscope-watch-alerts"

# A third transaction on the way of a price to a person: what comes meanwhile shares it.
REST_S = 0.05

writer = DecisionWriter()


@app.agent(watch_decisions, name=AGENT)
async def store_watch_decisions(slabs: StreamT[Slab[Sequence[Entry[Decision]]]]) -> None:
    """Write what was decided, and in the same transaction what each channel has to say of it."""
    async for slab in slabs:
        slab.commit(translate_decisions(slab.records))


feed_to_postgres(
    app,
    watch_decisions,
    agent=AGENT,
    group=GROUP,
    rest_s=REST_S,
    writer=writer,
    written=app.services.telling.wake,
)
