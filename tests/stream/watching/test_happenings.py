"""What happens to sources and events is told to the watches that ask."""

from conscope_app.alerting.watches.rows import encode_key
from conscope_app.domains.tickets.happenings import source_record
from conscope_app.stream.books import MOST_VISITED
from tests.alerting.watches.stories import a_watch
from tests.stream.watch_logs import Partition, WatchedLog


def test_a_source_is_told_of_once_each_time(partition: Partition, log: WatchedLog) -> None:
    """However often the same is written; what it undoes may be told anew."""
    asks = a_watch(when={"happens": ["source_unhealthy", "source_healthy"]}, often={"rearm": {}})
    log.made(asks, subject="")
    for kind in ("source_unhealthy", "source_healthy", "source_unhealthy"):
        key, value, headers = source_record("seatgeek", kind, log.now, "why")
        log.add(key, value, *headers).add(key, value, *headers)
    decisions = partition.take_rest(log).decisions

    raised = [each.happening.what for each in decisions if each.verdict == "raised"]
    assert raised == ["source_unhealthy", "source_healthy", "source_unhealthy"]


def test_what_happens_is_told_to_those_who_ask(partition: Partition, log: WatchedLog) -> None:
    """For all events, and for those of which there is no price."""
    asks = a_watch(when={"happens": ["on_sale"]})
    log.made(asks, subject="").happens("on_sale").happens("on_sale", source="two")

    decisions = partition.take_rest(log.happens("cancelled", "other")).decisions

    assert [(each.verdict, each.subject, each.place) for each in decisions] == [
        ("raised", "evt", 1)
    ]


def test_where_nobody_asks_nothing_is_kept(partition: Partition, log: WatchedLog) -> None:
    partition.take_rest(log.made(a_watch(), subject="").happens("on_sale"))

    assert len(partition.books) == 0


def test_what_was_told_is_known_after_a_restart(partition: Partition, log: WatchedLog) -> None:
    partition.take_rest(log.made(a_watch(when={"happens": ["on_sale"]}), subject=""))
    partition.take_rest(log.happens("on_sale"))

    again = log.records[-1]
    partition.reopen().take_rest(log.add(again.key, again.value, *again.headers))

    assert partition.told() == ["raised w None"]


def test_a_book_of_what_happened_is_forgotten_when_it_is_no_news(
    partition: Partition, log: WatchedLog
) -> None:
    """Its watch stays, and is told of what happens next."""
    partition.take_rest(log.made(a_watch(when={"happens": ["on_sale"]}), subject=""))
    partition.take_rest(log.happens("on_sale"))
    for _ in range(6):
        log.wait(days=3)
        for event in partition.reopen().books.due(log.now):
            partition.take_rest(log.tick(event))

    assert [key for key, _ in partition.rows.items()] == [encode_key("", ("definition", "w"))]
    assert partition.told() == ["raised w None", "over w None"]
    assert partition.take_rest(log.happens("on_sale")).decisions[0].verdict == "raised"


def test_a_change_reaches_what_happened_everywhere(partition: Partition, log: WatchedLog) -> None:
    """Where there are more books than one record looks at, the others get their tick."""
    watch = {"when": {"happens": ["on_sale"]}}
    log.made(a_watch(**watch), subject="")
    for number in range(MOST_VISITED + 5):
        log.happens("on_sale", f"evt-{number}")
    partition.take_rest(log)

    partition.take_rest(log.deleted())
    for event in partition.reopen().books.due(log.now):
        log.tick(event)
    partition.take_rest(log)

    assert sum(each.verdict == "over" for each in partition.decisions) == MOST_VISITED + 5
