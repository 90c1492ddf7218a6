"""The named points at which a process stands still, or ends: one wrapper each.

They are the moments between which a worker can lose its partition, and at which what it does next
comes too late.
"""

import functools
import signal
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from aiokafka import AIOKafkaProducer

from conscope_app.notify.notebook import Notebook
from conscope_app.store.sink import PostgresLedger
from conscope_app.stream.transactions import TransactionLedger
from tests.chaos.inside.orders import SharedFolder

BEFORE_TRANSACTION = "before the transaction"
IN_TRANSACTION = "inside the transaction"
AFTER_COMMIT = "after its commit, before RocksDB"
AFTER_ROCKSDB = "after RocksDB, before the acknowledgement"
BEFORE_ROWS_COMMIT = "before the commit of rows"
AFTER_ROWS_COMMIT = "after the commit of rows"
TOLD_NOT_NOTED = "after the channel's answer, before the note"

# What the ledger of this task is writing.
_slab: ContextVar[dict[str, Any]] = ContextVar("slab")

_SIGNALS = {"stop": signal.SIGSTOP, "kill": signal.SIGKILL}

Original = Callable[..., Any]
Wrap = Callable[[Original, "Passage"], Original]


class Passage:
    """Counts how often each point is passed, and strikes where the trap says so."""

    def __init__(self, folder: SharedFolder) -> None:
        self._folder = folder
        self._number = 0
        self._passes = 0

    def at(self, point: str, **about: Any) -> None:
        """The process passes a point. It may not come back from here, or only much later."""
        trap = self._folder.trap()
        if trap is None or trap.point != point:
            return
        if trap.topic and trap.topic != about.get("topic"):
            return
        if trap.number != self._number:
            self._number, self._passes = trap.number, 0
        self._passes += 1
        if self._passes < trap.passes or not self._folder.take():
            return
        self._folder.note(trap.deed, point=point, **about)
        # To this thread: it does not take another step, while the whole process stands still.
        signal.pthread_kill(threading.get_ident(), _SIGNALS[trap.deed])
        self._folder.note("went on", point=point, **about)


def _before_and_after_transaction(write: Original, passage: Passage) -> Original:
    @functools.wraps(write)
    async def wrapped(ledger: TransactionLedger, slab: Any, outcome: Any) -> None:
        about = {"topic": slab.topic, "partition": slab.partition}
        _slab.set(about)
        passage.at(BEFORE_TRANSACTION, **about)
        await write(ledger, slab, outcome)
        passage.at(AFTER_ROCKSDB, **about)

    return wrapped


def _around_commit(commit: Original, passage: Passage) -> Original:
    @functools.wraps(commit)
    async def wrapped(producer: AIOKafkaProducer) -> None:
        passage.at(IN_TRANSACTION, **_slab.get())
        await commit(producer)
        passage.at(AFTER_COMMIT, **_slab.get())

    return wrapped


def _before_rows_commit(move: Original, passage: Passage) -> Original:
    @functools.wraps(move)
    def wrapped(ledger: PostgresLedger[Any], cursor: Any, after: Any) -> None:
        # In a thread of the pool, with the rows written; the transaction's last step but others'
        # moves and the commit itself.
        move(ledger, cursor, after)
        _, topic, partition = ledger._key
        passage.at(BEFORE_ROWS_COMMIT, topic=topic, partition=partition)

    return wrapped


def _after_rows_commit(write: Original, passage: Passage) -> Original:
    @functools.wraps(write)
    async def wrapped(ledger: PostgresLedger[Any], kept: Any, after: Any) -> None:
        await write(ledger, kept, after)
        _, topic, partition = ledger._key
        passage.at(AFTER_ROWS_COMMIT, topic=topic, partition=partition)

    return wrapped


def _before_note(write: Original, passage: Passage) -> Original:
    @functools.wraps(write)
    async def wrapped(notebook: Notebook[Any], note: Any, lease: Any) -> None:
        if note.sent:
            passage.at(TOLD_NOT_NOTED, message_id=note.message_id)
        await write(notebook, note, lease)

    return wrapped


# Whose method, which one, and what is put around it.
POINTS: tuple[tuple[type, str, Wrap], ...] = (
    (TransactionLedger, "write", _before_and_after_transaction),
    (AIOKafkaProducer, "commit_transaction", _around_commit),
    (PostgresLedger, "_move", _before_rows_commit),
    (PostgresLedger, "_store", _after_rows_commit),
    (Notebook, "write", _before_note),
)
