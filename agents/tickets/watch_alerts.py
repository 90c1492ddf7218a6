"""Decisions of watches become episodes, and what each channel is to tell of them."""

from collections.abc import Sequence
from functools import partial

from faust import StreamT

from conscope_app import app
from conscope_app.alerting.watches.decisions import Decision
from conscope_app.store.group_commit import GroupCommit
from conscope_app.store.sink import Entry, PostgresLedger
from conscope_app.store.watches.accepting import DecisionWriter, translate_decisions
from conscope_app.stream.slab import Slab
from conscope_app.topics.tickets import WATCH_DECISIONS
from tables.watches import watch_decisions

AGENT = "store_watch_decisions"
GROUP = "conscope-watch-alerts"

# A third transaction on the way of a price to a person: what comes meanwhile shares it.
REST_S = 0.02

writer = DecisionWriter()
together = GroupCommit(app.services.sinks, writer)


@app.agent(watch_decisions, name=AGENT)
async def store_watch_decisions(slabs: StreamT[Slab[Sequence[Entry[Decision]]]]) -> None:
    """Write what was decided, and in the same transaction what each channel has to say of it."""
    async for slab in slabs:
        slab.commit(translate_decisions(slab.records))


app.feed(
    watch_decisions,
    agent=AGENT,
    group=GROUP,
    rest_s=REST_S,
    open_ledger=lambda partition: PostgresLedger(
        app.services.sinks,
        group=GROUP,
        topic=WATCH_DECISIONS.name,
        partition=partition,
        writer=writer,
        together=together,
        refuse=partial(app.services.dead_letters.send, connector=AGENT),
        written=app.services.telling.wake,
    ),
)
