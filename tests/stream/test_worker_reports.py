"""Reports of workers on `system_metrics`: of this version, and of others."""

from datetime import timedelta

import msgspec

from conscope_app.core.delays import Delays
from conscope_app.stream.cluster import (
    Cluster,
    PartitionStatus,
    Report,
    Restore,
    TableSize,
    Warned,
    WorkerErrors,
    WorkerFigures,
    WorkerStatus,
    key_of,
)
from conscope_app.stream.exchange import apply_encoded
from tests.factories import NOON

# As the version before this one wrote them.
OLD_WORKER = (
    b'{"type":"worker","worker":"here:6066","address":"http://127.0.0.1:6066",'
    b'"started_at":"2026-11-20T11:00:00Z","at":"2026-11-20T12:00:00Z","ready":true,"reasons":[]}'
)
OLD_PARTITION = (
    b'{"type":"partition","agent":"track_prices","topic":"raw_prices","partition":0,'
    b'"worker":"here:6066","state":"running","position":1,"end":1,"trouble":null,"counts":{},'
    b'"listings":{},"sources":[],"at":"2026-11-20T12:00:00Z","lost":0}'
)

FIGURES = WorkerFigures(
    worker="here:6066",
    at=NOON,
    delays={"track_prices": Delays(60.0, {0: 3, 20: 5})},
    tables=[TableSize("last_seen_prices", 8, 1_000, 65_536)],
)
ERRORS = WorkerErrors(
    worker="here:6066", at=NOON, errors=[Warned(NOON, "error", "conscope_app", "it broke", 2)]
)


class OldWorker(msgspec.Struct, frozen=True, tag="worker"):
    """What the version before this one reads of a worker."""

    worker: str
    ready: bool


def a_cluster() -> Cluster:
    return Cluster(lambda: NOON + timedelta(seconds=5), counted_agent="track_prices")


def test_every_report_comes_back_as_it_was_sent() -> None:
    """Under a key of its own."""
    cluster = a_cluster()
    for report in (FIGURES, ERRORS):
        apply_encoded(cluster, key_of(report), msgspec.json.encode(report))

    view = cluster.view()
    assert (view.figures, view.errors) == ([FIGURES], [ERRORS])
    assert len({key_of(report) for report in (FIGURES, ERRORS)}) == 2


def test_an_older_workers_reports_are_understood() -> None:
    """What they lack is not known."""
    cluster = a_cluster()
    for value in (OLD_WORKER, OLD_PARTITION):
        report = msgspec.json.decode(value, type=Report)
        apply_encoded(cluster, key_of(report), value)

    view = cluster.view()
    [worker], [partition] = view.workers, view.partitions
    assert (worker.version, worker.agents, partition.restore) == ("", [], None)
    assert (view.figures, view.errors) == ([], [])


def test_an_older_worker_understands_ours() -> None:
    """It does not know the new fields; of a new kind of report it says nothing."""
    status = WorkerStatus("here:6066", "", NOON, NOON, True, [], version="2", agents=["x"])
    restoring = Restore(1, 2)
    partition = msgspec.structs.replace(
        msgspec.json.decode(OLD_PARTITION, type=PartitionStatus), restore=restoring
    )

    assert msgspec.json.decode(msgspec.json.encode(status), type=OldWorker).ready
    assert msgspec.json.decode(msgspec.json.encode(partition), type=Report) == partition

    cluster = a_cluster()
    apply_encoded(cluster, b"new/here", b'{"type":"of a later version","worker":"here:6066"}')
    assert cluster.view().workers == []


def test_a_worker_that_is_not_heard_of_takes_its_figures_along() -> None:
    """They would be taken for the present."""
    late = Cluster(lambda: NOON + timedelta(minutes=2), counted_agent="track_prices")
    for report in (FIGURES, ERRORS):
        late.apply(key_of(report), report)

    assert (late.view().figures, late.view().errors) == ([], [])
