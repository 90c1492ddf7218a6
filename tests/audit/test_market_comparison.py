"""Whatever is broken in what came of snapshots is named by id; whole outputs are clean."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from conscope_app.audit.register import Fault
from tests.audit.market_log import PARTITIONS, MarketLog, Row, audited
from tests.audit.story import Stored, home_of
from tests.factories import NOON, a_snapshot_value, some_facts

KEY = b"seatgeek-1"
HOME = home_of(KEY, PARTITIONS)
AWAY = (HOME + 1) % PARTITIONS
PROCESSED, WATCHED, DEAD = (
    "processed_markets",
    "watched_prices, happenings",
    "market_snapshots, dead letters",
)
HISTORY, CHANGES, NOW = "market_history", "event_changes", "market_now"

# Of its records: first seen, sold out, moved and back on sale, late, garbage, and a copy.
FIRST, SOLD_OUT, MOVED, LATE, GARBAGE, COPY = range(6)


def a_look(minute: int, listings: int, **fields: object) -> bytes:
    seen_at = NOON + timedelta(minutes=minute)
    return a_snapshot_value(observed_at=seen_at, listing_count=listings, **fields)


def story() -> MarketLog:
    log = MarketLog()
    log.append(a_look(0, 3), KEY)
    log.append(a_look(1, 0), KEY)
    log.append(a_look(2, 9, facts=some_facts(local_time="20:00")), KEY)
    log.append(a_look(1, 5), KEY)
    log.append(b"no json", KEY)
    log.append(a_look(9, 4, source="other"), KEY, partition=AWAY)
    return log.run()


def raw(offset: int, partition: int = HOME) -> str:
    return f"market_snapshots-{partition}-{offset}"


def test_the_story_is_clean() -> None:
    log = story()
    report = audited(log)

    assert [row["kind"] for row in log.changes] == ["sold_out", "rescheduled", "back_on_sale"]
    assert report.findings == []
    assert (report.snapshots, report.good_snapshots) == (7, 5)
    found = {total.place: (total.expected, total.found) for total in report.totals}
    assert found == {
        PROCESSED: (5, 5),
        DEAD: (1, 1),
        "market_snapshots, re-keyed": (1, 1),
        HISTORY: (5, 5),
        CHANGES: (3, 3),
        WATCHED: (3, 3),
        NOW: (2, 2),
    }


def the_row(log: MarketLog) -> Row:
    """What holds now at the source of most snapshots."""
    return log.now["seatgeek-1", "seatgeek"]


def drop_processed(log: MarketLog) -> None:
    del log.processed[SOLD_OUT]


def double_processed(log: MarketLog) -> None:
    log.processed.append(log.processed[SOLD_OUT])


def change_processed(log: MarketLog) -> None:
    edit(log.processed[SOLD_OUT], b'"because":"listings"', b'"because":"said"')


def move_processed(log: MarketLog) -> None:
    log.processed[SOLD_OUT].partition = AWAY


def break_processed(log: MarketLog) -> None:
    log.processed[SOLD_OUT].value = b"{"


def edit(record: Stored, old: bytes, new: bytes) -> None:
    assert record.value is not None
    assert old in record.value
    record.value = record.value.replace(old, new, 1)


def drop_letter(log: MarketLog) -> None:
    log.dead.clear()


def drop_row(log: MarketLog) -> None:
    del log.history[LATE]


def double_row(log: MarketLog) -> None:
    row = log.history[LATE]
    log.history.append({**row, "observed_at": row["observed_at"] + timedelta(hours=1)})


def change_row(log: MarketLog) -> None:
    log.history[LATE]["lowest"] += Decimal("0.01")


def unsay_a_figure(log: MarketLog) -> None:
    log.history[LATE]["spoken"].remove("lowest")


def foreign_row(log: MarketLog) -> None:
    log.history.append({**log.history[LATE], "raw_offset": 77})


def drop_change(log: MarketLog) -> None:
    del log.changes[2]


def change_a_change(log: MarketLog) -> None:
    log.changes[1]["old_value"] = "2027-05-15"


def invent_change(log: MarketLog) -> None:
    log.changes.append({**log.changes[0], "id": f"{raw(SOLD_OUT)}-1"})


def foreign_change(log: MarketLog) -> None:
    log.changes.append({**log.changes[0], "id": f"{raw(99)}-0"})


def nonsense_change(log: MarketLog) -> None:
    log.changes.append({**log.changes[0], "id": "what"})


def drop_telling(log: MarketLog) -> None:
    del log.watched[0]


def double_telling(log: MarketLog) -> None:
    log.watched.append(log.watched[0])


def drop_now(log: MarketLog) -> None:
    del log.now["seatgeek-1", "seatgeek"]


def keep_an_older_one(log: MarketLog) -> None:
    log.now["seatgeek-1", "seatgeek"] = {**log.history[SOLD_OUT], "facts": some_facts()}


def change_now(log: MarketLog) -> None:
    the_row(log)["facts"]["local_time"] = "19:00"


def foreign_now(log: MarketLog) -> None:
    log.now["seatgeek-9", "seatgeek"] = {**the_row(log), "event_id": "seatgeek-9"}


def now_of_the_future(log: MarketLog) -> None:
    log.now["seatgeek-9", "x"] = {**the_row(log), "event_id": "seatgeek-9", "raw_offset": 50}


def now_of_no_partition(log: MarketLog) -> None:
    log.now["seatgeek-9", "x"] = {**the_row(log), "event_id": "seatgeek-9", "raw_partition": 9}


@pytest.mark.parametrize(
    ("break_it", "faults", "detail"),
    [
        (drop_processed, [(PROCESSED, Fault.MISSING, raw(SOLD_OUT))], ""),
        (double_processed, [(PROCESSED, Fault.DOUBLED, raw(SOLD_OUT))], ""),
        (change_processed, [(PROCESSED, Fault.WRONG, raw(SOLD_OUT))], "changes is "),
        (move_processed, [(PROCESSED, Fault.WRONG, raw(SOLD_OUT))], "partition is "),
        (
            break_processed,
            [
                (PROCESSED, Fault.MISSING, raw(SOLD_OUT)),
                (PROCESSED, Fault.UNEXPECTED, f"processed_markets-{HOME}-{SOLD_OUT}"),
            ],
            "",
        ),
        (drop_letter, [(DEAD, Fault.MISSING, raw(GARBAGE))], ""),
        (drop_row, [(HISTORY, Fault.MISSING, raw(LATE))], ""),
        (double_row, [(HISTORY, Fault.DOUBLED, raw(LATE))], ""),
        (change_row, [(HISTORY, Fault.WRONG, raw(LATE))], "lowest is 50.01, not 50"),
        (unsay_a_figure, [(HISTORY, Fault.WRONG, raw(LATE))], "spoken is "),
        (foreign_row, [(HISTORY, Fault.UNEXPECTED, raw(77))], "no such raw record"),
        (drop_change, [(CHANGES, Fault.MISSING, f"{raw(MOVED)}-1")], ""),
        (
            change_a_change,
            [(CHANGES, Fault.WRONG, f"{raw(MOVED)}-0")],
            "old_value is 2027-05-15, not 2027-05-15T17:00:00Z",
        ),
        (invent_change, [(CHANGES, Fault.UNEXPECTED, f"{raw(SOLD_OUT)}-1")], ""),
        (foreign_change, [(CHANGES, Fault.UNEXPECTED, f"{raw(99)}-0")], "no such raw record"),
        (nonsense_change, [(CHANGES, Fault.UNEXPECTED, "what")], "no such raw record"),
        (drop_telling, [(WATCHED, Fault.MISSING, f"{raw(SOLD_OUT)}-0")], ""),
        (double_telling, [(WATCHED, Fault.DOUBLED, f"{raw(SOLD_OUT)}-0")], ""),
        (drop_now, [(NOW, Fault.MISSING, raw(MOVED))], ""),
        (keep_an_older_one, [(NOW, Fault.MISSING, raw(MOVED))], f"its row is that of {raw(1)}"),
        (change_now, [(NOW, Fault.WRONG, raw(MOVED))], "facts is "),
        (foreign_now, [(NOW, Fault.UNEXPECTED, raw(MOVED))], "not the newest of any event"),
        (now_of_the_future, [(NOW, Fault.UNEXPECTED, raw(50))], "no such raw record"),
        (now_of_no_partition, [(NOW, Fault.UNEXPECTED, raw(MOVED, 9))], ""),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_each_break_is_found_and_nothing_else(
    break_it: Callable[[MarketLog], None], faults: list[tuple[str, Fault, str]], detail: str
) -> None:
    """Place, fault and id; for what is wrong, the field with both values."""
    log = story()
    break_it(log)
    report = audited(log)

    assert [each[:3] for each in report.findings] == faults
    assert report.findings[0].detail.startswith(detail)


def test_what_the_database_refused_need_not_be_in_it() -> None:
    """Neither its row nor its changes; of what its event is now, the audit has no opinion."""
    log = story()
    refused = log.processed[MOVED]
    place = ("raw_prices.dead", HOME, 9, 0)
    headers = (
        ("__connect.errors.topic", b"processed_markets"),
        ("__connect.errors.partition", b"0"),
        ("__connect.errors.offset", b"2"),
    )
    log.dead.append(Stored(*place, refused.key, refused.value, headers))
    log.history = [row for row in log.history if row["raw_offset"] != MOVED]
    log.changes = log.changes[:1]
    keep_an_older_one(log)
    report = audited(log)

    assert report.findings == []
    assert {total.place: total.excused for total in report.totals if total.excused} == {
        HISTORY: 1,
        CHANGES: 2,
        NOW: 1,
    }


def test_a_row_may_have_been_overtaken_since_the_audit_began() -> None:
    """The newest of all is newer than what is audited; it is there, so that is no fault."""
    log = story()
    the_row(log)["raw_offset"] = 50
    report = audited(log, ends_later=1_000)

    assert report.findings == []


def test_what_retention_took_from_the_watched_prices_is_not_missing() -> None:
    """Before the first one that is left."""
    log = story()
    del log.watched[0]
    report = audited(log, shortened={"watched_prices": frozenset({HOME})})

    assert report.findings == []
    assert {total.place: total.removed for total in report.totals}[WATCHED] == 1


def test_a_partition_that_is_not_audited_is_left_alone() -> None:
    """Its rows are nobody's business, and no copies are followed."""
    log = story()
    log.history.append(replace_place(log.history[0], AWAY, 70))
    log.changes.append({**log.changes[0], "id": f"{raw(70, AWAY)}-0"})
    report = audited(log, only=HOME)

    assert report.findings == []
    assert report.snapshots == 6


def replace_place(row: Row, partition: int, offset: int) -> Row:
    return {**row, "raw_partition": partition, "raw_offset": offset}
