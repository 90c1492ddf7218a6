"""The arithmetic of the pages."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.web.reports import NOW, PARTITIONS, a_partition, a_view, a_worker, listings
from web import figures
from web.schema import Partition, Prices, Uncounted


def partitions_of(view_partitions: list, agent: str = "track_prices") -> list[Partition]:  # type: ignore[type-arg]  # reports
    view = a_view(partitions=view_partitions)
    return next(f for f in figures.feeds(view, PARTITIONS, NOW) if f.agent == agent).partitions


def test_totals_are_the_sum_over_all_partitions_of_detection() -> None:
    """Eight partitions with 20 drops each are 160 drops; the other agents' counts stay out."""
    found = figures.totals(a_view())

    assert found is not None
    assert (found.records, found.drop, found.rise, found.same) == (800, 160, 40, 480)
    assert (found.late, found.dead, found.rekeyed) == (32, 8, 0)


def test_without_a_report_totals_are_unknown_not_zero() -> None:
    """Nothing reported is None."""
    assert figures.totals(a_view(partitions=[])) is None


def test_dead_letters_are_counted_by_reason_over_all_agents_most_first() -> None:
    """A record that the database refused counts beside those that detection refused."""
    view = a_view(
        partitions=[
            a_partition(0, counts={"dead": 5, "dead:bad_price": 2, "dead:not_json": 3}),
            a_partition(1, counts={"dead": 2, "dead:bad_price": 2, "dead:too_long": 0}),
            a_partition(0, agent="store_prices", counts={"dead:refused_by_database": 1}),
        ]
    )

    found = figures.dead_letters(view)

    assert list(found.items()) == [("bad_price", 4), ("not_json", 3), ("refused_by_database", 1)]


def test_prices_are_grouped_by_currency_the_one_with_most_listings_first() -> None:
    """Amounts of two currencies are never added."""
    view = a_view(
        partitions=[
            a_partition(0, listings={"EUR": listings(1, "9.00", "9.00", "9.00")}),
            a_partition(1, listings={"USD": listings(2, "30.00", "10.00", "20.00")}),
            a_partition(2, listings={"USD": listings(1, "70.00", "70.00", "70.00")}),
        ]
    )

    assert figures.prices(view) == [
        Prices("USD", 3, Decimal("33.33"), Decimal("10.00"), Decimal("70.00")),
        Prices("EUR", 1, Decimal("9.00"), Decimal("9.00"), Decimal("9.00")),
    ]


@pytest.mark.parametrize(
    ("total", "count", "lowest", "average"),
    [
        pytest.param("0.1", 3, "0.03", "0.03", id="to the cent"),
        pytest.param("0.0001", 3, "0.00003", "0.00003", id="finer where prices are finer"),
        pytest.param("3E+3", 2, "1E+3", "1500.00", id="whole thousands"),
        pytest.param("999999999999999.99", 1, "999999999999999.99", "999999999999999.99", id="big"),
    ],
)
def test_the_average_is_exact_to_its_last_digit(
    total: str, count: int, lowest: str, average: str
) -> None:
    """Decimals all the way, at most as fine as the finest price."""
    view = a_view(
        partitions=[a_partition(0, listings={"USD": listings(count, total, lowest, "9")})]
    )

    assert str(figures.prices(view)[0].average) == average


def test_what_is_being_counted_is_said() -> None:
    """With what nobody has reported; since the first of them has been so."""
    assert figures.uncounted(a_view(), PARTITIONS) is None

    since = NOW - timedelta(seconds=30)
    view = a_view(
        partitions=[
            a_partition(0),
            a_partition(1, listings={}, counting_since=NOW),
            a_partition(2, listings={}, counting_since=since),
        ]
    )
    assert figures.uncounted(view, 4) == Uncounted([1, 2, 3], 4, since)
    assert figures.uncounted(a_view(partitions=[]), 2) == Uncounted([0, 1], 2, None)


def test_a_currency_without_listings_is_not_shown() -> None:
    """An empty group has no average."""
    view = a_view(partitions=[a_partition(0, listings={"USD": listings(0, "0", "0", "0")})])

    assert figures.prices(view) == []


def test_sources_name_those_that_say_they_are_simulated() -> None:
    """The mark comes from the name that the source gives itself."""
    view = a_view(
        partitions=[
            a_partition(0, sources=["Mock (Simulated)", "seatgeek"]),
            a_partition(1, sources=["seatgeek"]),
        ]
    )

    found = figures.sources(view)

    assert found.names == ["Mock (Simulated)", "seatgeek"]
    assert found.simulated == ["Mock (Simulated)"]


def test_lag_is_what_is_left_to_read() -> None:
    """End less position, and never negative although the two are read at different moments."""
    rows = partitions_of(
        [
            a_partition(0, position=90, end=100),
            a_partition(1, position=101, end=100),
            a_partition(2, position=None, end=100),
        ]
    )

    assert [row.lag for row in rows[:3]] == [10, 0, None]


def test_a_feeds_lag_is_unknown_while_one_partitions_is() -> None:
    """A sum with a hole is no sum."""
    whole, *_ = figures.feeds(a_view(), PARTITIONS, NOW)
    holed, *_ = figures.feeds(a_view(partitions=[a_partition(0)]), PARTITIONS, NOW)

    assert whole.lag == 24
    assert holed.lag is None


def test_every_partition_is_listed_reported_or_not() -> None:
    """What nobody reads must be seen."""
    rows = partitions_of([a_partition(3)])

    assert [row.partition for row in rows] == list(range(PARTITIONS))
    assert [row.state for row in rows].count("unowned") == 7
    assert rows[3].state == "running"


@pytest.mark.parametrize(
    ("age_s", "state"),
    [
        pytest.param(10, "running", id="ten seconds are still believed"),
        pytest.param(10.2, "stale", id="more are not"),
        pytest.param(-3, "running", id="a clock ahead of ours is now"),
    ],
)
def test_an_old_report_is_stale(age_s: float, state: str) -> None:
    """Older than ten seconds."""
    rows = partitions_of([a_partition(0, at=NOW - timedelta(seconds=age_s))])

    assert rows[0].state == state
    assert rows[0].age_s == max(0, age_s)


def test_a_silent_worker_is_not_ready_whatever_it_said_last() -> None:
    """Ready is what it says now, not what it said a minute ago."""
    view = a_view(workers=[a_worker("b"), a_worker("a", at=NOW - timedelta(seconds=60))])

    found = figures.workers(view, NOW)

    assert [(each.worker, each.stale, each.ready) for each in found] == [
        ("a", True, False),
        ("b", False, True),
    ]
