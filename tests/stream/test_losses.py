"""Which losses raise an alarm, and what ends it."""

import msgspec
import pytest

from conscope_app.core.clock import utc_now
from conscope_app.stream.cluster import Cluster, PartitionStatus, key_of
from conscope_app.stream.losses import Loss, Origin, reason, reported_losses, unacknowledged
from tests.web.reports import a_partition

GROUPS = {"track_prices": "conscope", "store_prices": "conscope-storage"}
LOSS = Loss("track_prices", "conscope", "raw_prices", 3, 20)
ORIGIN = Origin("conscope", "raw_prices", 3)


@pytest.mark.parametrize(
    ("acknowledged", "waiting"),
    [
        pytest.param({}, 20, id="nobody has heard of it"),
        pytest.param({ORIGIN: 20}, 0, id="all of it is acknowledged"),
        pytest.param({ORIGIN: 15}, 5, id="more was lost since"),
        pytest.param({ORIGIN: 90}, 20, id="an earlier life of the partition lost more"),
        pytest.param({ORIGIN._replace(partition=4): 20}, 20, id="another partition"),
        pytest.param({ORIGIN._replace(group="conscope-alerts"): 20}, 20, id="another group"),
    ],
)
def test_the_alarm_is_about_what_nobody_has_acknowledged(
    acknowledged: dict[Origin, int], waiting: int
) -> None:
    """An acknowledgement covers so many offsets of that partition, and no more."""
    assert LOSS.unacknowledged(acknowledged) == waiting
    assert unacknowledged([LOSS], acknowledged) == ([LOSS] if waiting else [])


def test_the_reason_says_who_where_how_many_and_how_to_end_it() -> None:
    """What an orchestrator shows is all that an operator needs."""
    assert reason(LOSS, {ORIGIN: 15}) == (
        "track_prices: 5 offsets of raw_prices-3 were removed before they were read; look into it "
        "(docs/operating.md), then: faust -A conscope_app losses acknowledge "
        "--agent track_prices --partition 3"
    )


def test_losses_are_found_in_the_workers_reports() -> None:
    """Those of agents that this version has, and that lost something."""
    reports = [
        a_partition(0),
        a_partition(1, lost=7),
        a_partition(2, agent="store_prices", lost=9),
        msgspec.structs.replace(a_partition(3, lost=5), agent="an_agent_of_tomorrow"),
    ]

    assert reported_losses(reports, GROUPS) == [
        Loss("track_prices", "conscope", "raw_prices", 1, 7),
        Loss("store_prices", "conscope-storage", "processed_prices", 2, 9),
    ]


def test_a_report_of_an_older_worker_has_lost_nothing() -> None:
    """It does not know the field; its report is still read."""
    old = msgspec.to_builtins(a_partition(0, listings={}), builtin_types=())
    del old["lost"]

    assert msgspec.convert(old, PartitionStatus).lost == 0


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        pytest.param("opening", 7, id="who opens it does not know yet"),
        pytest.param("running", 0, id="who reads it does"),
    ],
)
def test_an_alarm_outlives_the_opening_by_another_worker(state: str, shown: int) -> None:
    """While a ledger cannot be opened, what its last owner said stands."""
    cluster = Cluster(utc_now, counted_agent="track_prices")
    for report in (a_partition(0, lost=7), a_partition(0, state=state, worker="worker-2")):
        cluster.apply(key_of(report), report)

    assert [each.lost for each in cluster.view().partitions] == [shown]
