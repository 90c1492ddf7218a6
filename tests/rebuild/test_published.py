"""How far a partition was processed, and what its table held, as its outputs say."""

from datetime import timedelta
from decimal import Decimal

from conscope_app.core.ids import RecordId
from conscope_app.core.refusal import Reason
from conscope_app.domains.tickets.tracking import track
from conscope_app.rebuild.published import Published
from conscope_app.stream.dead_letters import dead_letter, replay_marker
from conscope_app.stream.outcome import Output
from tests.factories import NOON, ARecord, a_record


def processed(*records: ARecord) -> list[ARecord]:
    """What tracking the records publishes to `processed_prices`."""
    tracked = track(records, lambda _key: None, 0, lambda _key: 0)
    return [ARecord(key, value, topic="processed_prices") for key, value, _ in tracked.processed]


def refused(offset: int, reason: Reason = Reason.NOT_JSON) -> ARecord:
    """The dead letter of a raw record of partition 0."""
    record = ARecord(b"k", b"bad", offset=offset)
    return as_record(dead_letter(record, reason, "why", stage="s", connector="c"))


def as_record(output: Output) -> ARecord:
    return ARecord(output.key, output.value, "raw_prices.dead", headers=tuple(output.headers))


def a_partition(raw_start: int = 0) -> Published:
    return Published("raw_prices", 0, raw_start)


def test_the_highest_offset_that_anything_names_was_processed() -> None:
    """Processed prices and dead letters alike."""
    published = a_partition()

    published.rows_of(processed(a_record(3), a_record(5)))
    published.note_dead([refused(9)])

    assert (published.oldest, published.next_offset) == (3, 10)


def test_where_nothing_was_published_nothing_was_processed() -> None:
    """There is no position then."""
    assert a_partition().next_offset is None


def test_rows_are_those_before_the_first_raw_record_that_is_kept() -> None:
    """From there on the raw records say it."""
    published = a_partition(raw_start=2)
    before, after = a_record(1, price=Decimal(100)), a_record(2, price=Decimal(80))
    as_tracked = track([before], lambda _key: None, 0, lambda _key: 0)

    rows = published.rows_of(processed(before, after))

    assert rows == as_tracked.changes
    assert published.progress("g").counts == {"records": 1, "new": 1}


def test_a_late_price_leaves_the_row_as_it_is() -> None:
    """It is counted, and the newer observation stays."""
    published = a_partition(raw_start=9)
    newest = a_record(1, price=Decimal(100))
    late = a_record(2, price=Decimal(50), timestamp=NOON - timedelta(hours=1))

    rows = published.rows_of(processed(newest, late))

    assert rows == track([newest], lambda _key: None, 0, lambda _key: 0).changes
    assert published.progress("g").counts == {"records": 2, "new": 1, "late": 1}


def test_what_was_published_twice_counts_once() -> None:
    """A worker that had lost its position began anew; its older prices must not come out on top."""
    published = a_partition(raw_start=9)
    old, new = a_record(1, price=Decimal(100)), a_record(2, price=Decimal(80))

    rows = published.rows_of(processed(old, new)) | published.rows_of(processed(old))
    published.note_dead([refused(3), refused(3)])

    assert rows == track([old, new], lambda _key: None, 0, lambda _key: 0).changes
    assert published.progress("g").counts == {
        "records": 3,
        "new": 1,
        "drop": 1,
        "dead": 1,
        "dead:not_json": 1,
    }


def test_what_is_not_of_this_partition_says_nothing() -> None:
    """Markers of replays, refusals by the database, other partitions, strangers."""
    published = a_partition()
    replayed = RecordId("raw_prices", 0, 99)

    published.note_dead(
        [
            as_record(replay_marker(b"k", replayed)),
            ARecord(b"k", b"v", "raw_prices.dead"),
            as_record(
                dead_letter(
                    ARecord(b"k", b"v", topic="processed_prices", offset=99),
                    Reason.REFUSED_BY_DATABASE,
                    "why",
                    stage="s",
                    connector="c",
                )
            ),
        ]
    )
    published.rows_of([ARecord(b"k", b"no JSON"), *processed(a_record(4))])

    assert published.next_offset == 5
