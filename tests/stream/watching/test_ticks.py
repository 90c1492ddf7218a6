"""Time drives on what waits, by the times of the log alone."""

from datetime import timedelta

from conscope_app.alerting.watches.control import RECORDED_AT, SIGNAL
from conscope_app.alerting.watches.rows import encode_key
from conscope_app.core.clock import to_epoch_ms
from conscope_app.stream.books import FORGET_AFTER, TICK_AGAIN_AFTER
from tests.alerting.watches.stories import a_watch
from tests.stream.watch_logs import NOON, Partition, WatchedLog


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
