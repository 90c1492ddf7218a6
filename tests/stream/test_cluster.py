from datetime import datetime, timedelta

import msgspec

from conscope_app.stream.cluster import Cluster, PartitionStatus, key_of
from tests.factories import NOON

SECOND = timedelta(seconds=1)


def a_report(records: int, at: datetime) -> PartitionStatus:
    return PartitionStatus(
        agent="track_prices",
        topic="raw_prices",
        partition=0,
        worker="here:6066",
        state="running",
        position=records,
        end=records,
        trouble=None,
        counts={"records": records},
        listings={},
        sources=[],
        at=at,
    )


class Watch:
    """A cluster, its clock, and the records that were counted."""

    def __init__(self) -> None:
        self.now = NOON
        self.records = 0
        self.cluster = Cluster(lambda: self.now, counted_agent="track_prices")

    def tick(self, by: timedelta = SECOND, records: int = 100) -> float | None:
        """Some time and some records later: the rate."""
        self.now += by
        self.records += records
        report = a_report(self.records, self.now)
        self.cluster.apply(key_of(report), report)
        self.cluster.sample()
        return self.cluster.view().records_per_s


def test_the_rate_is_of_the_last_seconds() -> None:
    """Unknown with the first sample; later, what was added by the time that it took."""
    watch = Watch()

    assert [watch.tick() for _ in range(3)] == [None, 100, 100]
    assert [watch.tick(records=200) for _ in range(20)][-1] == 200


def test_a_clock_that_jumps_says_no_wrong_rate() -> None:
    """Neither ahead nor back: it is unknown for one sample, and right after it."""
    watch = Watch()
    for _ in range(5):
        watch.tick()

    ahead = [watch.tick(timedelta(hours=1)), watch.tick(), watch.tick()]
    back = [watch.tick(timedelta(hours=-1)), watch.tick(), watch.tick()]

    assert ahead == [None, 100, 100]
    assert back == [None, 100, 100]


def test_a_total_does_not_fall_while_another_worker_takes_over() -> None:
    """Who opens a partition has not read what was counted of it: the last owner's word holds."""
    watch = Watch()
    for _ in range(5):
        watch.tick()
    opening = msgspec.structs.replace(
        a_report(0, watch.now), worker="there:6066", state="opening", counts={}
    )
    watch.cluster.apply(key_of(opening), opening)
    watch.now += SECOND
    watch.cluster.sample()

    (shown,) = watch.cluster.view().partitions
    assert (shown.worker, shown.counts) == ("there:6066", {"records": 500})
    assert watch.cluster.view().records_per_s == 80
