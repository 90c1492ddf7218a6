"""Raw prices become processed prices and, where a price dropped, alerts."""

import logging
from collections import defaultdict
from collections.abc import Sequence

from faust import StreamT

from conscope_app import app
from conscope_app.domains.tickets.detection import DETECTION, track
from conscope_app.domains.tickets.forwarding import Forwarding
from conscope_app.domains.tickets.tracking import REKEYED_FROM, Tracked
from conscope_app.stream.dead_letters import dead_letter
from conscope_app.stream.outcome import Outcome, Written
from conscope_app.stream.partitioner import Partitioner
from conscope_app.stream.slab import Slab
from conscope_app.stream.transactions import TransactionLedger, TransactionLimits
from conscope_app.topics.tickets import (
    DEAD_LETTERS,
    PRICE_ALERTS,
    PROCESSED_PRICES,
    RAW_PRICES,
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
    rekeyed: dict[tuple[str, int], list[Written]] = defaultdict(list)
    for partition, key, record in tracked.rekeyed:
        mark = (REKEYED_FROM, f"{record.partition}-{record.offset}".encode())
        rekeyed[RAW_PRICES.name, partition].append((key, record.value, (*record.headers, mark)))
    outputs: dict[tuple[str, int], Sequence[Written]] = {
        (PROCESSED_PRICES.name, own): tracked.processed,
        (PRICE_ALERTS.name, own): tracked.alerts,
        **{
            (WATCHED_PRICES.name, partition): prices
            for partition, prices in forwarding.forwarded(tracked, slab.records).items()
        },
        **rekeyed,
        (DEAD_LETTERS.name, own): [
            dead_letter(record, why.reason, why.message, stage="VALUE_CONVERTER", connector=AGENT)
            for record, why in tracked.refused
        ],
    }
    refused = {record.offset for record, _ in tracked.refused}
    return Outcome(
        outputs={target: records for target, records in outputs.items() if records},
        changes=tracked.changes,
        counts=tracked.counts,
        refused_at=[
            at for at, record in enumerate(slab.records) if refused and record.offset in refused
        ],
    )


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
