"""How far a partition was processed, and what its table held, as its outputs say."""

from datetime import timedelta
from decimal import Decimal

from conscope_app.core.ids import RecordId
from conscope_app.core.refusal import Reason
from conscope_app.domains.tickets.market_tracking import track_markets
from conscope_app.domains.tickets.tracking import track
from conscope_app.rebuild.published import Published
from conscope_app.rebuild.rules import MARKETS, PRICES
from conscope_app.stream.dead_letters import dead_letter, replay_marker
from conscope_app.stream.outcome import Output
from tests.factories import NOON, ARecord, a_record, a_snapshot_record


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
    return Published(PRICES, 0, raw_start, lambda _key: None)


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


def test_markets_leave_what_is_known_of_their_event() -> None:
    """As the tracker left it: what a snapshot does not speak of is known from one before it."""
    looks = [
        a_snapshot_record(0, listing_count=3),
        a_snapshot_record(1, observed_at=NOON + timedelta(minutes=1), listing_count=0),
        a_snapshot_record(2, observed_at=NOON + timedelta(minutes=2), listing_count=...),
        a_snapshot_record(3, listing_count=7),  # late
    ]
    tracked = track_markets(looks, lambda _key: None, 0, lambda _key: 0)
    sent = [ARecord(key, value, "processed_markets") for key, value, _ in tracked.processed]
    held: dict[bytes, bytes | None] = {}
    published = Published(MARKETS, 0, raw_start=4, held=held.get)

    for run in (sent[:2], sent[2:]):
        held |= published.rows_of(run)

    assert held == tracked.changes
    assert published.progress("g").counts == tracked.counts
    assert published.next_offset == 4
