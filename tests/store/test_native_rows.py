"""The native kernel's rows against the definition: the same rows, refusals and errors."""

from datetime import UTC
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.workload import Workload
from conscope_app.core.clock import to_epoch_ms
from conscope_app.core.native import NATIVE
from conscope_app.core.record import Record
from conscope_app.core.refusal import Refused
from conscope_app.domains.tickets import tracking
from conscope_app.domains.tickets.records import ProcessedPrice
from conscope_app.sources.tickets.mock import MockMarket
from conscope_app.store.tickets.rows import HistoryRow, translate_processed
from tests import factories
from tests.domains.tickets.odd_records import clock_errors, odd_values, put, tokens
from tests.domains.tickets.oddities import AMOUNTS, ODDITIES
from tests.native import needs_native
from tests.store.ledgers import AT, ARecord, a_processed, a_record

pytestmark = needs_native

_IDS = (
    *("raw_prices-3-17", "raw_prices-0-0", "raw_prices-3-01", "raw_prices-03-1", "raw_prices--1-2"),
    *("raw_prices-3--2", "raw_prices-+3-2", "raw_prices-3-+2", "raw_prices-1_0-2", "raw_prices-3-"),
    *("raw_prices--3", "raw_prices-3", "raw_prices-3-1-2", "raw_prices", "-3-17", "", "carts-0-1"),
    *("raw_prices- 3-1", "raw_prices-3-1 ", "raw_prices-3-٣", "raw_prices-x-1", "Raw_prices-3-1"),
    *("raw_prices-3-999999999999999999", "raw_prices-3-1000000000000000000"),
    *("raw_prices-3-9223372036854775808", "raw_prices-9999999999999999999-1"),
)
_KINDS = ('"new"', '"drop"', '"rise"', '"same"', '"late"', '"dropped"', '"NEW"', '""', "null", "1")
_SIGNED = (*AMOUNTS, *(f"-{amount}" for amount in AMOUNTS))
_MOMENTS = (
    *("2100-12-31T23:59:59.999999Z", "2101-01-01T00:00:00Z", "2100-12-31T23:30:00-01:00"),
    *("1900-01-01T00:30:00+01:00", "2024-02-29T23:59:59.000100Z", "9998-12-31T23:59:59Z"),
)
ALL_ODDITIES: tuple[tuple[str, str | None], ...] = (
    *ODDITIES,
    *(("id", f'"{text}"') for text in _IDS),
    *(("kind", token) for token in _KINDS),
    *((name, token) for name in ("old_price", "change", "change_percent") for token in _SIGNED),
    *(("timestamp", f'"{text}"') for text in _MOMENTS),
    *((name, None) for name in ("id", "kind", "old_price", "change", "change_percent")),
    *((name, "1") for name in ("id", "alert_type", "new_price")),
)


def outcome(records: list[Record], kernel: Any) -> Any:
    """All that the records become, in a form that compares; also where that raises."""
    try:
        entries = translate_processed(records, kernel=kernel)
    except Exception as error:  # noqa: BLE001 whatever it is, the other one has to raise it too
        return type(error), str(error)
    return [(entry.record, *parts(entry.row)) for entry in entries]


def parts(row: HistoryRow | Refused) -> tuple[Any, ...]:
    """A row field by field, or why there is none."""
    if isinstance(row, Refused):
        return row.reason, row.message
    return row, row.observed_at.tzinfo is UTC


def assert_both_come_to_the_same(records: list[Record]) -> None:
    assert outcome(records, NATIVE.kernel) == outcome(records, None)


def taken(*records: Record) -> list[bool]:
    """Which of the records the kernel takes."""
    return [row is not None for row in NATIVE.kernel.history_rows(list(records), HistoryRow)]


def processed_of(records: list[Record]) -> list[Record]:
    """What detection writes of raw prices."""
    tracked = tracking.track(records, lambda _: None, 0, lambda _: 0)
    return [ARecord(at, value) for at, (_, value, _) in enumerate(tracked.processed)]


def test_each_oddity_comes_to_the_same() -> None:
    """One at a time, between two plain records."""
    for name, token in ALL_ODDITIES:
        fields = tokens(msgspec.structs.asdict(a_processed(1)))
        put(fields, name, token)
        value = "{" + ",".join(f'"{name}":{token}' for name, token in fields.items()) + "}"
        odd = ARecord(1, value.encode("utf-8", "surrogatepass"))
        records: list[Record] = [a_record(a_processed(0)), odd, a_record(a_processed(2))]

        assert outcome(records, NATIVE.kernel) == outcome(records, None), (name, token)


@st.composite
def odd_records(draw: st.DrawFn) -> ARecord:
    """A processed price that is odd in up to two ways, and may be damaged, late or not there."""
    second = st.sampled_from((AT, AT.replace(microsecond=120), AT.replace(year=1900)))
    amounts = draw(st.sampled_from(({}, {"fees": Decimal("1.50"), "quantity": 2, "kind": "new"})))
    full = a_processed(draw(st.integers(0, 10**19)), timestamp=draw(second), **amounts)
    oddities = st.sampled_from(ALL_ODDITIES)
    _, value = draw(odd_values(msgspec.structs.asdict(full), oddities))
    return ARecord(
        draw(st.integers(0, 9)),
        value if draw(st.integers(0, 30)) else draw(st.sampled_from((None, b"", b"[]"))),
        timestamp=to_epoch_ms(AT) + (0 if draw(st.integers(0, 9)) else draw(clock_errors)),
    )


@settings(max_examples=400)
@given(st.lists(odd_records(), max_size=8))
def test_both_come_to_the_same(records: list[Record]) -> None:
    """Whatever the records are, in their order."""
    assert_both_come_to_the_same(records)


@settings(max_examples=200)
@given(st.data())
def test_damage_comes_to_the_same(data: st.DataObject) -> None:
    """Of what detection writes, with some bytes changed anywhere."""
    value = bytearray(a_record(a_processed(7)).value or b"")
    for _ in range(data.draw(st.integers(1, 3))):
        value[data.draw(st.integers(0, len(value) - 1))] = data.draw(st.integers(0, 255))

    assert_both_come_to_the_same([ARecord(0, bytes(value))])


def test_the_mock_sources_prices_are_taken() -> None:
    """All of them, or the kernel would be of no use without anyone noticing."""
    market = MockMarket(seed=1, events=2, seats=50, opened_at=factories.NOON)
    sent = [seen.outgoing for seen in market.take(1_000, factories.NOON)]
    raw: list[Record] = [
        factories.ARecord(each.key, each.value, offset=at) for at, each in enumerate(sent)
    ]
    records = processed_of(raw)

    assert taken(*records) == [True] * 1_000
    assert_both_come_to_the_same(records)


def test_the_benchmarks_prices_are_taken() -> None:
    """What is measured is the kernel."""
    prices = Workload(records=500, seats=50).prices(factories.NOON)
    raw: list[Record] = [
        factories.ARecord(it.key, it.value, offset=at) for at, it in enumerate(prices)
    ]
    records = processed_of(raw)

    assert taken(*records) == [True] * 550
    assert_both_come_to_the_same(records)


@pytest.mark.parametrize(
    "price",
    [
        pytest.param(a_processed(), id="with the required fields alone"),
        pytest.param(a_processed(venue="Zürich 東京 😀", event_id="Ä"), id="beyond ASCII"),
        pytest.param(a_processed(timestamp=AT.replace(year=1900)), id="long ago"),
        pytest.param(a_processed(timestamp=AT.replace(year=2100)), id="in a time to come"),
        pytest.param(a_processed(timestamp=AT.replace(microsecond=50)), id="in parts of a second"),
        pytest.param(a_processed(event_date=None, quantity=None, currency="USDT"), id="null"),
        pytest.param(
            a_processed(kind="new", old_price=None, change=None, change_percent=None), id="new"
        ),
        pytest.param(a_processed(change=Decimal("-0.00")), id="down by nothing that shows"),
    ],
)
def test_a_plain_price_is_taken(price: ProcessedPrice) -> None:
    """With what is at the edge of plain."""
    record = a_record(price)

    assert taken(record) == [True]
    assert_both_come_to_the_same([record])


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(a_record(a_processed(venue='"The" Hall')), id="an escape"),
        pytest.param(a_record(a_processed(timestamp=AT.replace(year=2101))), id="no partition"),
        pytest.param(a_record(a_processed(price=Decimal("1E+2"))), id="another form of amount"),
        pytest.param(a_record(a_processed(id="carts-0-1")), id="another topic's id"),
        pytest.param(ARecord(0, None), id="no value"),
        pytest.param(ARecord(0, b"{}", timestamp=2**62), id="a time out of the calendar"),
    ],
)
def test_what_is_not_plain_is_left(record: Record) -> None:
    """To Python, alone: its neighbours are taken."""
    good = a_record(a_processed())

    assert taken(good, record, good) == [True, False, True]


def test_objects_that_are_not_kafkas_are_left() -> None:
    """A record without a time, or whose value only can be read as bytes."""
    good = a_record(a_processed())
    value: Any = bytearray(good.value or b"")
    time: Any = "now"

    assert taken(ARecord(0, value), ARecord(0, good.value, timestamp=time)) == [False, False]


def test_what_making_a_row_raises_is_raised() -> None:
    """An error that is not the record's never becomes a row that is not there."""

    def fail(*_: Any) -> HistoryRow:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        NATIVE.kernel.history_rows([a_record(a_processed())], fail)
