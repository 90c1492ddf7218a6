"""Watches come, change and go while prices are watched."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from conscope_app.alerting.watches.dry_run import DryRun
from conscope_app.alerting.watches.past import Day, Past
from conscope_app.alerting.watches.scope import scope_of
from conscope_app.alerting.watches.signals import Seed
from conscope_app.domains.tickets.watched import SPELLINGS, read_signal
from conscope_app.stream.books import MOST_VISITED
from tests.alerting.watches.stories import a_watch
from tests.stream.watch_logs import NOON, Partition, WatchedLog


def test_what_a_watch_asks_for_is_decided_where_and_when_it_is_recorded(
    partition: Partition, log: WatchedLog
) -> None:
    """The place is the offset, the moment the record's own."""
    log.price(120).made(a_watch()).wait(minutes=1).price(90)

    (decision,) = partition.take_rest(log).decisions

    assert (decision.verdict, decision.price) == ("raised", Decimal(90))
    assert (decision.place, decision.at) == (2, NOON + timedelta(seconds=62))
    assert decision.items == ('["evt","seatgeek","Floor 2","15","1"]',)


def test_prices_that_come_before_their_watch_are_not_news_to_it(
    partition: Partition, log: WatchedLog
) -> None:
    """They are what it finds when it is made."""
    log.price(90).price(80, "2").made(a_watch()).price(90)

    assert partition.take_rest(log).decisions == []


def test_a_watch_measures_from_what_was_before_it(partition: Partition, log: WatchedLog) -> None:
    """Its seeds are there when it begins."""
    watch = a_watch(when={"drop": {"percent": 20, "than": "median"}})
    cost, at = Decimal(200), NOON - timedelta(days=3)
    past = Past(cost, at, (cost,), (cost,), (Day(date(2026, 11, 19), cost, cost),))
    scope = scope_of(watch)

    log.price(200).seeds(watch, Seed(scope.key, scope.denomination, "", past)).made(watch)
    log.price(150)

    (decision,) = partition.take_rest(log).decisions
    assert "median" in decision.reason


def test_a_section_is_meant_however_it_is_spelled(tmp_path: Path, log: WatchedLog) -> None:
    """Live as in a dry run, over a restart, and told once: the item is as its source spells it."""
    partition = Partition(tmp_path / "table-0", spellings=SPELLINGS)
    watch = a_watch(what={"only": {"section": ["101"]}, "each": "item"})
    log.made(watch).price(120, section="Sec 101").price(120, section="101W")
    partition.take_rest(log)

    log.price(90, section="Sec 101").price(90, section="101W").price(90, section="Sec 101")
    partition.reopen().take_rest(log)

    dry = DryRun([watch], spellings=SPELLINGS)
    for place, record in enumerate(log.records[1:]):
        dry.take(read_signal(record.value or b"", place=place, recorded_at=NOON))
    assert partition.told() == ["raised w 90"]
    assert [(each.verdict, each.price) for each in dry.report.decisions] == [
        ("raised", Decimal(90))
    ]


def test_definitions_survive_a_restart(partition: Partition, log: WatchedLog) -> None:
    partition.take_rest(log.price(120).made(a_watch()))

    partition.reopen().take_rest(log.price(90))

    assert partition.told() == ["raised w 90"]


def test_a_watch_about_everything_holds_without_a_subject(
    partition: Partition, log: WatchedLog
) -> None:
    """An event is looked at with its next price."""
    log.price(120).price(120, event_id="other").made(a_watch(), subject="")
    partition.take_rest(log.price(90).price(80, event_id="other"))

    assert partition.told() == ["raised w 90", "raised w 80"]


def test_the_same_record_twice_changes_nothing_the_second_time(
    partition: Partition, log: WatchedLog
) -> None:
    watch = a_watch(when={"target": {"at_most": 100}, "on_create": True})

    partition.take_rest(log.price(90).made(watch).made(watch).made(watch, subject=""))
    assert partition.told() == ["raised w 90"]

    partition.take_rest(log.deleted().deleted().made(watch))
    assert partition.told() == ["raised w 90", "over w None"]


def test_an_older_version_changes_nothing(partition: Partition, log: WatchedLog) -> None:
    newer = a_watch(version=2, when={"target": {"at_most": 50}})
    partition.take_rest(log.price(120).made(newer).made(a_watch()).deleted(version=2).price(90))
    assert partition.told() == []

    partition.reopen().take_rest(log.made(a_watch()).price(40))
    assert partition.told() == ["raised w 40"]


def test_a_deleted_watch_stays_deleted(partition: Partition, log: WatchedLog) -> None:
    """A record of an older version may come late, and after a restart."""
    partition.take_rest(log.made(a_watch()).deleted(version=2))

    partition.reopen().take_rest(log.made(a_watch()).made(a_watch(), subject="").price(90))

    assert partition.told() == []


def test_a_watch_that_is_made_anew_holds(partition: Partition, log: WatchedLog) -> None:
    partition.take_rest(log.price(120).made(a_watch()).deleted(version=2))

    partition.reopen().take_rest(log.made(a_watch(version=3)).price(90))

    assert partition.told() == ["raised w 90"]


def test_what_a_deleted_watch_had_raised_is_over_at_once(
    partition: Partition, log: WatchedLog
) -> None:
    """Also where its book is not in memory."""
    partition.take_rest(log.price(120).made(a_watch()).price(90))

    partition.reopen().take_rest(log.deleted())

    assert partition.told() == ["raised w 90", "over w None"]
    assert partition.decisions[-1].reason == "over: the watch was deleted"


def test_a_watch_ends_where_it_is_no_longer_about(partition: Partition, log: WatchedLog) -> None:
    here = a_watch(what={"subjects": ["evt", "other"]})
    there = a_watch(version=2, what={"subjects": ["other"]})
    log.price(120).price(120, event_id="other").made(here).made(here, subject="other")
    partition.take_rest(log.price(90).price(80, event_id="other"))

    partition.reopen().take_rest(log.made(there, subject="").made(there, subject="other"))
    partition.take_rest(log.price(70).price(120, event_id="other").price(60, event_id="other"))

    ended = {each.subject for each in partition.decisions if each.verdict == "over"}
    assert ended == {"evt", "other"}  # what it was about was changed
    assert partition.told()[4:] == ["raised w 60"]


def test_a_watch_with_alerts_everywhere_ends_within_ticks(
    partition: Partition, log: WatchedLog
) -> None:
    """One record looks at so many books and no more."""
    events = [f"evt-{number}" for number in range(MOST_VISITED + 20)]
    for event in events:
        log.price(120, event_id=event)
    log.made(a_watch(), subject="")
    for event in events:
        log.price(90, event_id=event)
    partition.take_rest(log)

    at_once = partition.take_rest(log.deleted()).decisions
    assert len(at_once) == MOST_VISITED

    late = partition.reopen().books.due(log.now)
    assert len(late) == 20
    for event in late:
        log.tick(event)
    assert {each.subject for each in (*at_once, *partition.take_rest(log).decisions)} == {*events}
