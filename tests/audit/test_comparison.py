"""Whatever is broken in the outputs is named by id; whole outputs are clean."""

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conscope_app.audit.comparison import Comparison
from conscope_app.audit.due import Names
from conscope_app.audit.places import Place as AuditedPlace
from conscope_app.audit.register import Fault
from conscope_app.audit.report import Report
from conscope_app.core.refusal import Reason
from conscope_app.stream.dead_letters import dead_letter
from tests.audit import breaks
from tests.audit.log import PARTITIONS, START_MS, Log
from tests.audit.story import FLOOR, Outputs, Place, Stored, as_bytes, outputs


def values(place: AuditedPlace, row: dict[str, Any]) -> list[Any]:
    """A row's values in the order that the place asks for."""
    return [row[name] for name in place.fields]


def compare(
    raw: Iterable[Stored],
    ranges: dict[int, tuple[int, int]],
    out: Outputs,
    shortened: dict[str, frozenset[int]] | None = None,
) -> Report:
    """Audit these records and outputs."""
    raw = list(raw)
    comparison = Comparison(Names(), PARTITIONS, ranges, shortened=shortened)
    for record in out.processed:
        comparison.kinds_found.note(record)
    for record in raw:
        comparison.expect(record)
    for record in out.processed:
        comparison.meet_processed(record)
    for record in out.alerts:
        comparison.meet_alert(record)
    for record in out.dead:
        comparison.meet_dead(record)
    comparison.meet_copies()
    tables = (
        (comparison.places.history, out.history),
        (comparison.places.drop_alerts, out.drop_alerts),
    )
    for place, rows in tables:
        for row in rows:
            comparison.meet_row(place, row["raw_partition"], row["raw_offset"], values(place, row))
    explain = comparison.explainer()
    for record in raw:
        explain(record)
    return comparison.report({partition: end for partition, (_, end) in ranges.items()}, [])


def test_the_story_is_clean() -> None:
    """What was worked out by hand is what the audit expects."""
    log = Log()
    report = compare(log.records, log.ranges, outputs(log.places))

    assert report.findings == []
    assert report.clean
    assert (report.records, report.good) == (10, 7)
    assert [total.found for total in report.totals] == [7, 1, 2, 1, 7, 1]


HISTORY, DROP_ALERTS = "price_history", "price_drop_alerts"
PROCESSED, ALERTS, DEAD = "processed_prices", "price_alerts", "raw_prices.dead"


@pytest.mark.parametrize(
    ("break_it", "faults", "detail"),
    [
        (breaks.drop_processed, [(PROCESSED, Fault.MISSING, "cheaper")], ""),
        (breaks.double_processed, [(PROCESSED, Fault.DOUBLED, "cheaper")], ""),
        (breaks.change_price, [(PROCESSED, Fault.WRONG, "cheaper")], "price is 80.49, not 80.5"),
        (
            breaks.change_percent,
            [(PROCESSED, Fault.WRONG, "cheaper")],
            "change_percent is -19.4, not -19.5",
        ),
        (
            breaks.change_venue,
            [(PROCESSED, Fault.WRONG, "cheaper")],
            "venue is The Wall, not The Hall",
        ),
        (breaks.change_key, [(PROCESSED, Fault.WRONG, "cheaper")], "key is null, not "),
        (breaks.move_partition, [(PROCESSED, Fault.WRONG, "cheaper")], "partition is "),
        (
            breaks.break_json,
            [(PROCESSED, Fault.MISSING, "cheaper"), (PROCESSED, Fault.UNEXPECTED, None)],
            "",
        ),
        (
            breaks.invent_processed,
            [(PROCESSED, Fault.MISSING, "cheaper"), (PROCESSED, Fault.UNEXPECTED, None)],
            "",
        ),
        (breaks.drop_alert, [(ALERTS, Fault.MISSING, "cheaper")], ""),
        (breaks.change_alert, [(ALERTS, Fault.WRONG, "cheaper")], "drop_amount is 19.6, not 19.5"),
        (breaks.alert_a_rise, [(ALERTS, Fault.UNEXPECTED, "dearer")], ""),
        (breaks.drop_letter, [(DEAD, Fault.MISSING, "garbage")], ""),
        (breaks.change_letter, [(DEAD, Fault.WRONG, "free")], "value is "),
        (
            breaks.strip_letter,
            [(DEAD, Fault.MISSING, "garbage"), (DEAD, Fault.UNEXPECTED, None)],
            "",
        ),
        (breaks.delete_row, [(HISTORY, Fault.MISSING, "cheaper")], ""),
        (breaks.change_row, [(HISTORY, Fault.WRONG, "cheaper")], "old_price is 101, not 100"),
        (breaks.double_row, [(HISTORY, Fault.DOUBLED, "cheaper")], ""),
        (breaks.extra_row, [(HISTORY, Fault.UNEXPECTED, None)], "no such raw record"),
        (breaks.row_of_no_partition, [(HISTORY, Fault.UNEXPECTED, None)], "no such raw record"),
        (breaks.delete_alert_row, [(DROP_ALERTS, Fault.MISSING, "cheaper")], ""),
        (breaks.change_alert_row, [(DROP_ALERTS, Fault.WRONG, "cheaper")], "alert_timestamp is "),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_each_break_is_found_and_nothing_else(
    break_it: Callable[[Outputs], None],
    faults: list[tuple[str, Fault, str | None]],
    detail: str,
) -> None:
    """Place, fault and id; for what is wrong, the field with both values."""
    log = Log()
    out = outputs(log.places)
    break_it(out)
    report = compare(log.records, log.ranges, out)

    assert not report.clean
    assert [(each.place, each.fault) for each in report.findings] == [each[:2] for each in faults]
    for finding, (_, _, name) in zip(report.findings, faults, strict=True):
        assert name is None or finding.id == log.id_of(name)
    assert report.findings[0].detail.startswith(detail)


def without_copy(log: Log, out: Outputs) -> None:
    """No copy was made of the record without a key."""
    copy = log.places["copy"]
    log.records = [each for each in log.records if each.headers[-1:] != _mark(log)]
    out.processed = [each for each in out.processed if _id_of(copy) not in (each.value or b"")]
    out.history = [each for each in out.history if _row_id(each) != _id_of(copy)]


def test_a_copy_that_was_never_made_is_missing() -> None:
    """And so is everything that would have come of it: nothing, as nothing is expected of it."""
    log = Log()
    out = outputs(log.places)
    without_copy(log, out)
    report = compare(log.records, log.ranges, out)

    assert [(each.place, each.fault, each.id) for each in report.findings] == [
        ("raw_prices, re-keyed", Fault.MISSING, log.id_of("keyless"))
    ]


def test_a_copy_that_lost_a_header_is_wrong() -> None:
    """A copy keeps value and headers."""
    log = Log()
    copy = log.records[-1]
    copy.headers = copy.headers[1:]
    report = compare(log.records, log.ranges, outputs(log.places))

    assert [(each.fault, each.id, each.detail) for each in report.findings] == [
        (Fault.WRONG, log.id_of("keyless"), f"its copy is {log.id_of('copy')}")
    ]


def _mark(log: Log) -> tuple[tuple[str, bytes]]:
    keyless = log.places["keyless"]
    return (("conscope.rekeyed-from", f"{keyless.partition}-{keyless.offset}".encode()),)


def _id_of(place: Place) -> bytes:
    return f"raw_prices-{place.partition}-{place.offset}".encode()


def _row_id(row: dict[str, Any]) -> bytes:
    return f"raw_prices-{row['raw_partition']}-{row['raw_offset']}".encode()


def refusal(out: Outputs, topic: str, record: Stored) -> Stored:
    """The dead letter of an output that the database refused."""
    headers = (
        ("__connect.errors.topic", topic.encode()),
        ("__connect.errors.partition", b"0"),
        ("__connect.errors.offset", b"123"),
        ("conscope.reason", b"refused_by_database"),
    )
    return Stored(DEAD, 0, 99, 0, record.key, record.value, headers)


def test_what_the_database_refused_need_not_be_in_it() -> None:
    """The dead letter stands for the row; told twice, it still does."""
    log = Log()
    out = outputs(log.places)
    out.dead += [refusal(out, PROCESSED, out.processed[1])] * 2
    del out.history[1]
    report = compare(log.records, log.ranges, out)

    assert report.clean
    assert {total.place: total.excused for total in report.totals}[HISTORY] == 1


def test_a_row_that_is_there_although_it_was_refused_is_unexpected() -> None:
    """It cannot be both."""
    log = Log()
    out = outputs(log.places)
    out.dead.append(refusal(out, ALERTS, out.alerts[0]))
    report = compare(log.records, log.ranges, out)

    assert [(each.place, each.fault) for each in report.findings] == [
        (DROP_ALERTS, Fault.UNEXPECTED)
    ]


def test_replay_markers_are_no_dead_letters() -> None:
    """A marker beside the letters changes nothing."""
    log = Log()
    out = outputs(log.places)
    marker = (("conscope.replayed", log.id_of("garbage").encode()),)
    out.dead.append(Stored(DEAD, 0, 50, 0, FLOOR, None, marker))

    assert compare(log.records, log.ranges, out).clean


def test_the_letter_of_a_record_without_key_and_value_has_an_empty_value() -> None:
    """Our producer cannot send one with neither."""
    log = Log()
    end = log.ranges[0][1]
    nothing = Stored("raw_prices", 0, end, START_MS, None, None)
    written = dead_letter(nothing, Reason.NO_VALUE, "no value", stage="s", connector="a")
    out = outputs(log.places)
    out.dead.append(Stored(DEAD, 0, 9, 0, written.key, written.value, tuple(written.headers)))
    report = compare([*log.records, nothing], {**log.ranges, 0: (0, end + 1)}, out)

    assert report.findings == []
    assert report.records == 11


def test_after_retention_the_rest_is_checked_against_itself() -> None:
    """The first price that is kept of a seat may have moved from anywhere, but consistently."""
    log = Log(first_offset=1_000)
    kept = log.ranges[log.places["first"].partition]
    ranges = {**log.ranges, log.places["first"].partition: (kept[0] + 1, kept[1])}
    out = outputs(log.places)
    report = compare(log.records, ranges, out)

    assert report.findings == []
    assert report.records == 9

    breaks.change_percent(out)
    wrong = compare(log.records, ranges, out)

    assert [(each.fault, each.detail) for each in wrong.findings] == [
        (Fault.WRONG, "; ".join(_inconsistent()))
    ]


def _inconsistent() -> list[str]:
    names = ("kind", "old_price", "change", "change_percent")
    return [f"{name} is inconsistent, not consistent" for name in names]


def test_what_retention_took_from_the_alerts_is_not_missing() -> None:
    """Only where the topic's partition was cut, and only before the first alert that is left."""
    log = Log()
    out = outputs(log.places)
    out.alerts.clear()
    cut = frozenset({log.places["cheaper"].partition})
    report = compare(log.records, log.ranges, out, {ALERTS: cut})

    assert report.clean
    assert {total.place: total.removed for total in report.totals}[ALERTS] == 1


EVENT_TEXTS = ("event_id", "event_name", "venue", "event_date", "source", "section", "row", "seat")
FIELDS = (*EVENT_TEXTS, "price", "currency", "timestamp", "listing_url", "quantity", "kind")


def is_equal(text: str, price: Decimal) -> bool:
    """Whether the text is another spelling of the price."""
    try:
        return Decimal(text) == price
    except InvalidOperation:
        return False


@given(
    at=st.integers(0, 6),
    name=st.sampled_from(FIELDS),
    other=st.text(min_size=1, max_size=8).filter(lambda text: text.isprintable()),
)
def test_any_change_of_any_field_is_found(at: int, name: str, other: str) -> None:
    """One field of one processed price says something else: that id is wrong or unreadable."""
    log = Log()
    out = outputs(log.places)
    row = out.history[at]
    fields = {**row, "id": _row_id(row).decode()}
    fields["timestamp"] = row["observed_at"]
    fields[name] = f"{fields[name]}{other}"
    assume(name != "price" or not is_equal(fields["price"], row["price"]))
    out.processed[at].value = as_bytes(
        {key: said for key, said in fields.items() if key not in ("raw_partition", "observed_at")}
    )
    report = compare(log.records, log.ranges, out)

    assert not report.clean
    assert {each.place for each in report.findings} == {PROCESSED}


def test_a_copy_may_have_been_removed_before_its_original() -> None:
    """Where retention has cut the partition that it went to, nobody can ask for it."""
    log = Log(first_offset=1_000)
    out = outputs(log.places)
    without_copy(log, out)
    report = compare(log.records, log.ranges, out)

    assert report.findings == []
    assert {total.place: total.removed for total in report.totals}["raw_prices, re-keyed"] == 1
