"""What a partition of watched prices leads to, whatever dies in between."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conscope_app.alerting.watches.control import RECORDED_AT, SIGNAL
from conscope_app.alerting.watches.dry_run import DryRun
from conscope_app.alerting.watches.past import Day, Past
from conscope_app.alerting.watches.rows import encode_key
from conscope_app.alerting.watches.scope import scope_of
from conscope_app.alerting.watches.signals import Seed
from conscope_app.core.clock import to_epoch_ms
from conscope_app.domains.tickets.happenings import source_record
from conscope_app.domains.tickets.watched import SPELLINGS, read_signal
from conscope_app.stream import books as books_module
from conscope_app.stream.books import FORGET_AFTER, MOST_VISITED, TICK_AGAIN_AFTER
from conscope_app.stream.held_books import BooksUnreadable
from tests.alerting.watches.stories import a_watch
from tests.stream.watch_logs import NOON, Partition, WatchedLog


@pytest.fixture
def partition(tmp_path: Path) -> Partition:
    return Partition(tmp_path / "table-0")


@pytest.fixture
def log() -> WatchedLog:
    return WatchedLog()


# Watches come, change and go


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


# What happens


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


# Time


def test_a_book_that_is_due_gets_one_tick_for_a_while(
    partition: Partition, log: WatchedLog
) -> None:
    """What waits for time alone is told when it is due, and the next owner knows of it."""
    partition.take_rest(log.price(120).made(a_watch(sure={"hold_s": 60})).price(90))
    due = NOON + timedelta(seconds=62)
    assert partition.books.due(due - timedelta(milliseconds=1)) == []

    books = partition.reopen().books
    assert books.due(due) == ["evt"]
    assert books.due(due) == []
    assert books.due(due + TICK_AGAIN_AFTER) == ["evt"]

    log.now = due + timedelta(seconds=3)
    partition.take_rest(log.tick())
    assert [each.at for each in partition.decisions] == [due]
    assert partition.books.due(due + timedelta(days=1)) == []


def test_a_clock_that_is_ahead_drives_nothing_on(partition: Partition, log: WatchedLog) -> None:
    """Nothing happens later than Kafka wrote it down."""
    partition.take_rest(log.price(120).made(a_watch(sure={"hold_s": 60})).price(90))
    hours_ahead = to_epoch_ms(log.now + timedelta(hours=5))
    tick = log.tick().records[-1]
    ahead = ((SIGNAL, b"tick"), (RECORDED_AT, b"%d" % hours_ahead))

    partition.take(
        [
            type(tick)(
                tick.key, tick.value, headers=ahead, offset=tick.offset, timestamp=tick.timestamp
            )
        ]
    )
    partition.taken += 1
    partition.take_rest(log.price(120))

    assert partition.told() == []


def test_a_log_that_is_told_again_has_the_time_it_had(
    partition: Partition, log: WatchedLog
) -> None:
    """The header says it, however much later Kafka writes the record down."""
    log.price(120).made(a_watch()).price(90)
    much_later = [
        type(each)(
            each.key,
            each.value,
            offset=each.offset,
            headers=each.headers,
            timestamp=each.timestamp + 10**9,
        )
        for each in log.records
    ]

    (decision,) = partition.take(much_later).decisions

    assert decision.at == NOON + timedelta(seconds=2)


def test_a_book_that_nobody_watches_is_forgotten_in_time(
    partition: Partition, log: WatchedLog
) -> None:
    """First what was raised ends, then, after a while without a word, its rows go."""
    partition.take_rest(log.price(120).made(a_watch()).price(90).deleted().price(80))
    assert len(partition.books) == 1

    for _ in range(3):
        log.wait(seconds=FORGET_AFTER.total_seconds())
        assert partition.reopen().books.due(log.now) == ["evt"]
        partition.take_rest(log.tick())
        if not len(partition.books):
            break

    assert [key for key, _ in partition.rows.items()] == [encode_key("", ("definition", "w"))]


def test_a_tick_for_a_book_that_is_gone_changes_nothing(
    partition: Partition, log: WatchedLog
) -> None:
    assert partition.take_rest(log.tick("never heard of")).changes == {}


# What is wrong


@pytest.mark.parametrize(
    ("value", "headers", "reason"),
    [
        pytest.param(b"{", (), "not_json", id="no JSON"),
        pytest.param(None, (), "no_value", id="nothing"),
        pytest.param(b'{"event_id":"\xff"}', (), "not_text", id="no text"),
        pytest.param(b"{}", (), "wrong_type", id="no price"),
        pytest.param(b"{}", ((SIGNAL, b"made"),), "wrong_type", id="no watch"),
        pytest.param(b"{}", ((SIGNAL, b"later"),), "wrong_type", id="of a kind that is unknown"),
        pytest.param(b"{}", ((RECORDED_AT, b"noon"),), "bad_timestamp", id="at no time"),
    ],
)
def test_a_bad_record_is_refused_and_stops_no_other(
    partition: Partition,
    log: WatchedLog,
    value: bytes | None,
    headers: tuple[tuple[str, bytes], ...],
    reason: str,
) -> None:
    watched = partition.take_rest(
        log.price(120).made(a_watch()).add(b"evt", value, *headers).price(90)
    )

    assert [(at, why.reason) for at, _, why in watched.refused] == [(2, reason)]
    assert watched.counts == {"records": 4, "raised": 1, "dead": 1, f"dead:{reason}": 1}


def test_a_record_that_fails_half_way_leaves_no_trace(
    partition: Partition, log: WatchedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its book is read again as it was, with what earlier records of the slab had changed."""
    original: Any = vars(books_module)["observe"]

    def observe(book: Any, index: Any, signal: Any, now: datetime, **options: Any) -> Any:
        outcome = original(book, index, signal, now, **options)
        if getattr(signal, "place", None) == 3:
            raise ZeroDivisionError("as a defect might")
        return outcome

    monkeypatch.setattr(books_module, "observe", observe)
    watched = partition.take_rest(log.price(120).made(a_watch()).price(110).price(90).price(80))

    assert [why.message for _, _, why in watched.refused] == [
        "ZeroDivisionError: as a defect might"
    ]
    assert partition.told() == ["raised w 80"]
    assert partition.reopen().take_rest(log.price(70)).decisions[0].verdict == "updated"


def test_rows_that_cannot_be_read_are_no_records_fault(
    partition: Partition, log: WatchedLog
) -> None:
    """The worker has to end: all records of the event would be refused."""
    partition.take_rest(log.price(120).made(a_watch()))
    key = next(key for key, _ in partition.rows.items() if key.startswith(b'["evt","i"'))
    partition.rows.write([(key, b"\xff\xff")], 0)

    with pytest.raises(BooksUnreadable, match="evt"):
        partition.reopen().take_rest(log.price(90))


# Whatever dies, and whatever is in memory


def story(dice: random.Random) -> WatchedLog:
    """Some events, watches that come and go, and time that passes."""
    log = WatchedLog()
    events = ["a", "b", "c"]
    wishes: list[dict[str, Any]] = [
        {"when": {"target": {"at_most": 100}}, "sure": {"hold_s": 30, "over_s": 20}},
        {"when": {"drop": {"percent": 10}}, "what": {"each": "item"}},
        {"when": {"low": {"or_equal": True}}, "what": {"subjects": ["a", "b"]}},
        {"when": {"target": {"at_most": 90}, "on_create": True}, "what": {"together": 2}},
        {"when": {"happens": ["on_sale", "cancelled"]}, "sure": {"hold_s": 20}},
        {"when": {"happens": ["vanished", "came_back"]}, "what": {"each": "item"}},
    ]
    versions = [0] * len(wishes)
    for _ in range(120):
        event = dice.choice(events)
        match dice.randrange(12):
            case 0 | 1:
                at = dice.randrange(len(wishes))
                versions[at] += 1
                watch = a_watch(f"w{at}", version=versions[at], **wishes[at])
                own = watch.what.subjects
                if versions[at] > 1 or not own:
                    log.made(watch, subject="")
                for subject in own or events:
                    log.made(watch, subject=subject)
            case 2:
                at = dice.randrange(len(wishes))
                versions[at] += 1
                log.deleted(f"w{at}", versions[at])
            case 3:
                log.wait(seconds=dice.randrange(60)).tick(event)
            case 4:
                log.price(1, dice.choice("123"), event, quantity=0)
            case 5:
                log.happens(dice.choice(["on_sale", "sold_out", "cancelled", "back_on"]), event)
            case _:
                log.price(dice.randrange(70, 130), dice.choice("123"), event)
    return log


def slabs(log: WatchedLog, dice: random.Random) -> Iterator[list[Any]]:
    """The log in runs of random length."""
    rest = log.records
    while rest:
        size = dice.randrange(1, 20)
        yield rest[:size]
        rest = rest[size:]


@pytest.mark.parametrize("seed", range(40))
def test_kills_slabs_and_memory_make_no_difference(tmp_path: Path, seed: int) -> None:
    """The decisions of one slab after the other, some lost and done again, are those of one."""
    dice = random.Random(seed)
    log = story(dice)
    whole = Partition(tmp_path / "whole")
    whole.take_rest(log)

    cut = Partition(tmp_path / "cut", most_held=dice.choice([1, 8, 40_000]))
    for slab in slabs(log, dice):
        match dice.randrange(4):
            case 0:
                cut.lose(slab)
            case 1:
                cut.reopen()
        cut.take(slab)

    assert len(whole.decisions) > 3
    assert cut.decisions == whole.decisions
    assert [*cut.rows.items()] == [*whole.rows.items()]
