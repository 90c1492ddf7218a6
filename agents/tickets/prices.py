"""Raw prices become processed prices and, where a price dropped, alerts."""

import logging
from collections.abc import Sequence

from faust import StreamT

from conscope_app import app
from conscope_app.domains.tickets.detection import DETECTION, track
from conscope_app.domains.tickets.folding import Tracked
from conscope_app.domains.tickets.forwarding import Forwarding
from conscope_app.stream.outcome import Outcome, Written
from conscope_app.stream.partitioner import Partitioner
from conscope_app.stream.slab import Slab
from conscope_app.stream.tracked_outcome import tracked_outcome
from conscope_app.stream.transactions import TransactionLedger, TransactionLimits
from conscope_app.topics.tickets import (
    DEAD_LETTERS,
    PRICE_ALERTS,
    PROCESSED_PRICES,
    WATCHED_PRICES,
)
from tables.tickets import last_seen_prices, raw_prices

logger = logging.getLogger(__name__)

AGENT = "track_prices"
partition_of = Partitioner(app.settings.partitions)
board = app.services.board
forwarding = Forwarding(board, partition_of)

# What comes meanwhile shares the next transaction. Of the tenth of a second within which a price is
# to be processed, six tenths are left for the transaction before and its own (docs/performance.md).
REST_S = 0.04


@app.agent(raw_prices, name=AGENT)
async def track_prices(slabs: StreamT[Slab[Outcome]]) -> None:
    """Compare each price with the last one seen for its seat; say what moved.

    What somebody watches goes to the watches as well, in the same transaction.
    """
    await board.until_known()
    async for slab in slabs:
        tracked = track(slab.records, slab.state.get, slab.partition, partition_of)
        slab.commit(outcome_of(tracked, slab))


@app.task  # type: ignore[untyped-decorator]  # Faust gives it no type
async def say_what_detects() -> None:
    """Log which fold is in use: they give the same results, and not at the same speed."""
    if AGENT in app.settings.agents:
        logger.log(DETECTION.level, "%s", DETECTION.said)


def outcome_of(tracked: Tracked, slab: Slab[Outcome]) -> Outcome:
    """Where everything that followed from a slab is to be written."""
    own = slab.partition
    outputs: dict[tuple[str, int], Sequence[Written]] = {
        (PROCESSED_PRICES.name, own): tracked.processed,
        (PRICE_ALERTS.name, own): tracked.alerts,
        **{
            (WATCHED_PRICES.name, partition): prices
            for partition, prices in forwarding.forwarded(tracked, slab.records).items()
        },
    }
    return tracked_outcome(tracked, slab, outputs, dead_letters=DEAD_LETTERS.name, agent=AGENT)


if AGENT in app.settings.agents:
    app.service(board)  # type: ignore[arg-type]  # Faust starts instances as well as classes

app.feed(
    raw_prices,
    agent=AGENT,
    group="conscope",
    rest_s=REST_S,
    open_ledger=lambda partition: TransactionLedger(
        brokers=app.settings.brokers,
        application=str(app.conf.id),
        table=last_seen_prices,
        partition=partition,
        limits=TransactionLimits(dead_letter_limit=app.settings.dead_letter_limit),
    ),
)
