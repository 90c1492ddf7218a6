"""Watched prices become decisions: what people asked to hear of, and when it is so."""

import logging
from collections.abc import Iterator, Sequence

import msgspec
from faust import StreamT

from conscope_app import app
from conscope_app.alerting.watches.control import Passing, control_record
from conscope_app.domains.tickets.watched import SPELLINGS, read_signal
from conscope_app.stream.books import Books
from conscope_app.stream.dead_letters import dead_letter
from conscope_app.stream.outcome import Outcome, Written
from conscope_app.stream.sender import NotSent, Sender
from conscope_app.stream.slab import Slab
from conscope_app.stream.table_partition import TablePartition
from conscope_app.stream.transactions import TransactionLedger, TransactionLimits
from conscope_app.stream.watching import Watched, watch
from conscope_app.topics.tickets import DEAD_LETTERS, WATCH_DECISIONS, WATCHED_PRICES
from tables.watches import watch_books, watched_prices

encode_decision = msgspec.json.Encoder().encode
logger = logging.getLogger(__name__)

AGENT = "watch_prices"

# What comes meanwhile shares the next transaction, which costs as much for one record as for many.
# A person is to be told within four tenths of a second; a quarter of that may pass here.
REST_S = 0.1

# What a slab may hold, so that reading books that are not in memory does not take seconds.
MOST_RECORDS = 500

TICK_EVERY_S = 1.0

shelves: dict[int, tuple[TablePartition, Books]] = {}  # by partition; void with its rows


@app.agent(watched_prices, name=AGENT)
async def watch_prices(slabs: StreamT[Slab[Outcome]]) -> None:
    """Tell the watches of each event what it costs; say what is raised, updated and over."""
    async for slab in slabs:
        watched = watch(slab.records, books_of(slab.partition, slab.state), read_signal)
        slab.commit(outcome_of(watched, slab.partition))


def books_of(partition: int, rows: TablePartition) -> Books:
    """The books of a partition. Rows that were opened anew may be others than were held."""
    held = shelves.get(partition)
    if held is None or held[0] is not rows:
        held = shelves[partition] = (rows, Books(rows, spellings=SPELLINGS))
    return held[1]


def outcome_of(watched: Watched, partition: int) -> Outcome:
    """Where everything that followed from a slab is to be written."""
    decisions = [
        (decision.subject.encode(), encode_decision(decision), ()) for decision in watched.decisions
    ]
    letters = [
        dead_letter(record, why.reason, why.message, stage="VALUE_CONVERTER", connector=AGENT)
        for _, record, why in watched.refused
    ]
    outputs: dict[tuple[str, int], Sequence[Written]] = {
        (WATCH_DECISIONS.name, partition): decisions,
        (DEAD_LETTERS.name, partition): letters,
    }
    return Outcome(
        outputs={target: records for target, records in outputs.items() if records},
        changes=watched.changes,
        counts=watched.counts,
        refused_at=[at for at, _, _ in watched.refused],
    )


@app.task  # type: ignore[untyped-decorator]  # Faust gives it no type
async def tick_watches() -> None:
    """Once a second tell the books that are due by time alone, in their own log, how late it is.

    A tick that is lost is sent again; one that comes twice changes nothing.
    """
    if AGENT not in app.settings.agents:
        return
    sender = Sender(app.settings.brokers)
    try:
        while not app.should_stop:
            try:
                await send_ticks(sender)
            except NotSent as error:
                logger.warning("the watches are not told the time: %s", error)
            await app.sleep(TICK_EVERY_S)
    finally:
        await sender.close()


async def send_ticks(sender: Sender) -> None:
    """A tick for each book of this worker that is due."""
    for partition, books in list(open_books()):
        now = app.services.clock()
        ticks = [
            control_record(Passing(subject=subject, at=now), key=subject, at=now)
            for subject in books.due(now)
        ]
        if ticks:
            await sender.send(WATCHED_PRICES.name, partition, ticks)


def open_books() -> Iterator[tuple[int, Books]]:
    """The books of the partitions that are this worker's; those of all others are let go."""
    for partition in shelves.keys() - watch_books.open_partitions.keys():
        del shelves[partition]
    for partition, rows in list(watch_books.open_partitions.items()):
        yield partition, books_of(partition, rows)


app.feed(
    watched_prices,
    agent=AGENT,
    group="conscope-watches",
    rest_s=REST_S,
    max_slab_records=MOST_RECORDS,
    open_ledger=lambda partition: TransactionLedger(
        brokers=app.settings.brokers,
        application=str(app.conf.id),
        table=watch_books,
        partition=partition,
        limits=TransactionLimits(dead_letter_limit=app.settings.dead_letter_limit),
    ),
)
