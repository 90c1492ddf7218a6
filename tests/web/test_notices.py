"""What a person is told, and what not."""

from datetime import timedelta
from typing import Any

from conscope_app.store.stats import Deliveries, Target
from tests.web.reports import NOW, PARTITIONS, a_partition, a_view, a_worker
from web import figures
from web.notices import notices
from web.schema import Alerts, Notice


def said(*, away: str | None = None, alerts: Alerts | None = None, **given: Any) -> list[Notice]:
    """The notices for a view that is healthy but for what is given."""
    view = a_view(**given)
    feeds = figures.feeds(view, PARTITIONS, NOW)
    return notices(feeds, figures.workers(view, NOW), alerts, away)


def raw_prices(**given: Any) -> list[Any]:
    """The healthy partitions, with partition 2 of raw_prices as given."""
    healthy = [
        each for each in a_view().partitions if (each.agent, each.partition) != ("track_prices", 2)
    ]
    return [*healthy, a_partition(2, **given)]


def test_a_healthy_cluster_has_nothing_to_say() -> None:
    """No notice when all is well."""
    assert said() == []


def test_a_database_that_is_away_is_the_first_thing_said() -> None:
    """With its reason, and before what is less bad."""
    found = said(
        away="Postgres at db:5432/x does not answer", partitions=raw_prices(state="opening")
    )

    assert [notice.code for notice in found] == ["database_away", "restoring"]
    assert "Postgres at db:5432/x does not answer" in found[0].text


def test_partitions_that_nobody_reads_are_named() -> None:
    """In runs, by topic."""
    missing = (1, 2, 3, 6)
    view = [each for each in a_view().partitions if each.partition not in missing]

    found = said(partitions=view)

    assert [notice.level for notice in found] == ["danger"]
    assert found[0].text == (
        "Nobody reads raw_prices 1-3, 6; processed_prices 1-3, 6; price_alerts 1-3, 6."
    )


def test_an_old_report_is_said() -> None:
    """Stale, not healthy."""
    found = said(partitions=raw_prices(at=NOW - timedelta(seconds=40)))

    assert [(notice.code, notice.text) for notice in found] == [
        ("stale", "Not heard of lately: raw_prices 2.")
    ]


def test_what_holds_a_feed_up_is_said_once_for_all_its_partitions() -> None:
    """Eight partitions that wait for the same database are one notice."""
    view = [
        a_partition(each.partition, trouble="the broker is away")
        if each.agent == "track_prices"
        else each
        for each in a_view().partitions
    ]

    found = said(partitions=view)

    assert [notice.text for notice in found] == ["0-7: the broker is away"]


def test_a_cluster_without_a_report_is_said_once() -> None:
    """Not once for each partition that nobody has reported."""
    found = said(partitions=[], workers=[])

    assert [notice.code for notice in found] == ["no_worker"]


def test_a_silent_worker_is_named() -> None:
    """Who, and since when."""
    found = said(workers=[a_worker(), a_worker("worker-2", at=NOW - timedelta(seconds=31))])

    assert [notice.text for notice in found] == ["worker-2 was last heard of 31 s ago."]


def test_a_channel_that_is_switched_off_is_said_with_its_reason() -> None:
    """Otherwise alerts would wait and nobody would know."""
    target = Target("discord", NOW, "Discord answered 404: the webhook is gone", None)
    alerts = Alerts(Deliveries(0, 3, 0, None), [target], [])

    found = said(alerts=alerts)

    assert [(notice.code, notice.level) for notice in found] == [("target_disabled", "danger")]
    assert "the webhook is gone" in found[0].text
