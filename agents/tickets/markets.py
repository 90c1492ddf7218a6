"""Market snapshots become processed markets: what each says, and what has changed with it.

The partition of an event's id is the same in all these topics: watches are told in theirs.
"""

from faust import StreamT

from conscope_app import app
from conscope_app.domains.tickets.market_tracking import track_markets as track
from conscope_app.stream.outcome import Outcome
from conscope_app.stream.partitioner import Partitioner
from conscope_app.stream.slab import Slab
from conscope_app.stream.tracked_outcome import tracked_outcome
from conscope_app.stream.transactions import TransactionLedger, TransactionLimits
from conscope_app.topics.tickets import DEAD_LETTERS, PROCESSED_MARKETS, WATCHED_PRICES
from tables.tickets import last_markets, market_snapshots

AGENT = "track_markets"
partition_of = Partitioner(app.settings.partitions)

# A source is asked every few minutes: a tenth of a second more delays nobody, and what comes
# meanwhile shares a transaction.
REST_S = 0.1

# A snapshot costs Python a tenth of a millisecond. So many hold the event loop up for a twentieth
# of a second, where prices wait for their turn.
MOST_RECORDS = 500


@app.agent(market_snapshots, name=AGENT)
async def track_markets(slabs: StreamT[Slab[Outcome]]) -> None:
    """Compare each snapshot with what is known of its event at its source; say what changed."""
    async for slab in slabs:
        tracked = track(slab.records, slab.state.get, slab.partition, partition_of)
        outputs = {
            (PROCESSED_MARKETS.name, slab.partition): tracked.processed,
            (WATCHED_PRICES.name, slab.partition): tracked.happenings,
        }
        slab.commit(
            tracked_outcome(tracked, slab, outputs, dead_letters=DEAD_LETTERS.name, agent=AGENT)
        )


app.feed(
    market_snapshots,
    agent=AGENT,
    group="conscope-markets",
    rest_s=REST_S,
    max_slab_records=MOST_RECORDS,
    open_ledger=lambda partition: TransactionLedger(
        brokers=app.settings.brokers,
        application=str(app.conf.id),
        table=last_markets,
        partition=partition,
        limits=TransactionLimits(dead_letter_limit=app.settings.dead_letter_limit),
    ),
)
