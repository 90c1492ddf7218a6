"""The native kernel against the definition: the same results, byte for byte, or the same error."""

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.workload import Workload
from conscope_app.core.native import NATIVE
from conscope_app.core.record import Record
from conscope_app.domains.tickets import detection, tracking
from conscope_app.domains.tickets.accelerated import Track
from conscope_app.domains.tickets.detection import DETECTION
from conscope_app.domains.tickets.seat_key import SAYS_NOTHING
from conscope_app.domains.tickets.tracking import HeldUnreadable, Tracked
from conscope_app.sources.tickets.mock import MockMarket
from tests.chaos import poison
from tests.domains.tickets.odd_records import SEATS, key_of, odd_records, own_key, put, rows, tokens
from tests.domains.tickets.oddities import ODDITIES
from tests.factories import NOON, ARecord, a_price, a_record
from tests.native import needs_native

# What the Makefile leaves where the cargo that is there is too old, or has no registry.
BUILD_FAILED = Path(__file__).parents[3] / ".venv" / ".native-failed"

Held = Callable[[bytes], bytes | None]


def outcome(track: Track, records: list[Record], held: Held, home: Callable[[bytes], int]) -> Any:
    """All that a run leads to, in a form that compares; also where it raises."""
    try:
        result = track(records, held, 0, home)
    except Exception as error:  # noqa: BLE001 whatever it is, the other one has to raise it too
        return type(error), str(error), repr(error.__cause__)
    refused = [(record, why.reason, why.message) for record, why in result.refused]
    return (
        result.processed,
        result.alerts,
        result.changes,
        result.rekeyed,
        refused,
        result.counts,
    )


def taken(records: list[Record], held: Held = lambda _: None) -> int:
    """How many of the records the kernel takes before it stops."""
    from conscope_native import fold

    return fold(records, 0, held, 0, lambda _: 0, tracking.unreadable, Tracked())


def home_of(key: bytes) -> int:
    """All seats but the last belong here, one to nobody knows where."""
    if key == key_of(SEATS[2]):
        return 5
    if key == b'["","seatgeek","Floor 2","15","8"]':
        raise ValueError("nowhere")
    return 0


@needs_native
def test_each_oddity_comes_to_the_same(native: Track) -> None:
    """One at a time, between two plain records of the same seat."""
    before, after = a_record(0), a_record(2, price=Decimal("99.50"))
    for name, token in ODDITIES:
        fields = tokens(a_price())
        put(fields, name, token)
        value = "{" + ",".join(f'"{name}":{token}' for name, token in fields.items()) + "}"
        slab: list[Record] = [before, ARecord(own_key(fields), value.encode(), offset=1), after]

        assert outcome(native, slab, lambda _: None, lambda _: 0) == outcome(
            tracking.track, slab, lambda _: None, lambda _: 0
        ), (name, token)


@needs_native
@settings(max_examples=400)
@given(st.lists(odd_records(), max_size=8), st.tuples(rows, rows, rows))
def test_both_come_to_the_same(
    native: Track, records: list[Record], held_rows: tuple[Any, ...]
) -> None:
    """Whatever the records are, and whatever the table holds or raises."""
    table = dict(zip(map(key_of, SEATS), held_rows, strict=True))

    def held(key: bytes) -> Any:
        row = table.get(key)
        if isinstance(row, Exception):
            raise row
        return row

    assert outcome(native, records, held, home_of) == outcome(
        tracking.track, records, held, home_of
    )


@needs_native
@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("2", "2.000001", id="a tie, down to the even digit"),
        pytest.param("2", "2.000003", id="a tie, up to the even digit"),
        pytest.param("2.00", "1.999999", id="down by nothing that shows"),
        pytest.param("2.00", "1.999997", id="down by a tie"),
        pytest.param("3", "2", id="no end of digits"),
        pytest.param("0.000001", "999999999999.999999", id="beyond 64 bits"),
        pytest.param("999999999999.999999", "0.000001", id="down to nearly nothing"),
        pytest.param("100.00", "100", id="the same in fewer digits"),
        pytest.param("30000000", "10000000.01", id="a product beyond 64 bits"),
    ],
)
def test_changes_are_reckoned_and_written_alike(native: Track, old: str, new: str) -> None:
    """To the last digit and with the same sign, also that of a negative nothing."""
    slab: list[Record] = [a_record(0, price=Decimal(old)), a_record(1, price=Decimal(new))]

    assert outcome(native, slab, lambda _: None, lambda _: 0) == outcome(
        tracking.track, slab, lambda _: None, lambda _: 0
    )


@needs_native
@settings(max_examples=100)
@given(st.randoms(use_true_random=False), st.lists(st.sampled_from(poison.KINDS), max_size=12))
def test_poison_is_poison_to_both(native: Track, dice: Random, kinds: list[poison.Kind]) -> None:
    """Among good records of other seats."""
    doses = [kind.make(dice, NOON, str(seat)) for seat, kind in enumerate(kinds)]
    records: list[Record] = [a_record(seat="good", offset=1)]
    for at, dose in enumerate(doses, start=2):
        records += [ARecord(*dose, offset=at), a_record(seat="good", offset=100 + at)]

    assert outcome(native, records, lambda _: None, lambda _: 0) == outcome(
        tracking.track, records, lambda _: None, lambda _: 0
    )


@needs_native
def test_the_mock_sources_records_are_taken() -> None:
    """All of them, or the kernel would be of no use without anyone noticing."""
    market = MockMarket(seed=1, events=2, seats=50, opened_at=NOON)
    sent = [seen.outgoing for seen in market.take(1_000, NOON)]
    records: list[Record] = [ARecord(it.key, it.value, offset=at) for at, it in enumerate(sent)]

    assert taken(records) == len(records)


@needs_native
def test_the_benchmarks_records_are_taken() -> None:
    """What is measured is the kernel."""
    prices = Workload(records=500, seats=50).prices(NOON)
    records: list[Record] = [ARecord(it.key, it.value, offset=at) for at, it in enumerate(prices)]

    assert taken(records) == len(records)


@needs_native
@pytest.mark.parametrize(
    "record",
    [
        pytest.param(a_record(), id="with the required fields alone"),
        pytest.param(a_record(venue="Zürich 東京 😀", seat="Ä"), id="beyond ASCII"),
        pytest.param(a_record(venue="é" * 512), id="as long as may be"),
        pytest.param(a_record(timestamp=NOON.replace(year=1901)), id="long ago"),
        pytest.param(a_record(timestamp=NOON.replace(microsecond=5)), id="in parts of a second"),
        pytest.param(a_record(fees=None, quantity=None, currency="USDT"), id="null"),
        pytest.param(a_record(headers=(("trace", b"1"),)), id="with headers"),
    ],
)
def test_a_plain_record_is_taken(record: ARecord) -> None:
    row = tracking.track([record], lambda _: None, 0, lambda _: 0).changes

    assert taken([record]) == 1
    assert taken([record], row.get) == 1


@needs_native
@pytest.mark.parametrize(
    "record",
    [
        pytest.param(a_record(venue='"The" Hall'), id="an escape"),
        pytest.param(a_record(currency="usd"), id="a currency to be put right"),
        pytest.param(a_record(price=0), id="a price of nothing"),
        pytest.param(a_record(key=b"theirs"), id="another key"),
        pytest.param(a_record(seat_map="north"), id="an unknown field"),
        pytest.param(ARecord(None, None), id="no value"),
    ],
)
def test_what_is_not_plain_is_left(record: ARecord) -> None:
    """The kernel neither refuses nor puts right."""
    assert taken([a_record(seat="1"), record, a_record(seat="2")]) == 1


@needs_native
def test_a_table_that_fails_in_the_middle_ends_the_run(native: Track) -> None:
    """As in Python: what was read before does not count, and the error says which seat it was."""

    def held(key: bytes) -> None:
        if key == key_of("2"):
            raise OSError("too many open files")

    with pytest.raises(HeldUnreadable, match=r"Floor 2.*too many open files") as raised:
        native([a_record(0, seat="1"), a_record(1, seat="2")], held, 0, lambda _: 0)

    assert isinstance(raised.value.__cause__, OSError)


@needs_native
def test_nothing_is_half_done_where_it_stops() -> None:
    """What came before is complete, and of the record whose row fails there is nothing."""
    from conscope_native import fold

    def held(key: bytes) -> None:
        if key == key_of("2"):
            raise KeyboardInterrupt

    records: list[Record] = [a_record(0, seat="1"), a_record(1, seat="2")]
    out = Tracked()
    with pytest.raises(KeyboardInterrupt):
        fold(records, 0, held, 0, lambda _: 0, tracking.unreadable, out)
    first = tracking.track(records[:1], lambda _: None, 0, lambda _: 0)

    assert (out.processed, out.alerts, out.changes) == (first.processed, [], first.changes)


@pytest.mark.skipif(shutil.which("cargo") is None, reason="there is no cargo to build it with")
@pytest.mark.skipif(BUILD_FAILED.exists(), reason="cargo could not build it, as make has said")
def test_it_is_in_use_where_it_can_be_built() -> None:
    """`make` builds it before the tests; without it half of this file would be skipped."""
    assert NATIVE.kernel is not None, NATIVE.said
    assert "native" in DETECTION.said
    assert detection.track is not tracking.track


@needs_native
def test_each_word_for_no_seat_is_one_to_both(native: Track) -> None:
    """Seats and listings, in any case, with spaces, and what only looks like one."""
    near = ("8", "GA 8", "\u00a0", "un\u212anown")
    words = [*SAYS_NOTHING, *(word[:-1] for word in SAYS_NOTHING), *near]
    seats = [form for word in words for form in (word, f"  {word.upper()} ")]
    wholes = [
        a_record(seat=seat, listing_id=listing_id)
        for seat in seats
        for listing_id in (None, "", "l-1", " N/A", seat)
    ]
    slab: list[Record] = [
        ARecord(key, whole.value, offset=at)
        for at, whole in enumerate(wholes)
        for key in (whole.key, (whole.key or b"")[:-1] + b',"l-1"]')
    ]

    assert outcome(native, slab, lambda _: None, lambda _: 0) == outcome(
        tracking.track, slab, lambda _: None, lambda _: 0
    )


@needs_native
def test_general_admission_is_taken() -> None:
    """It is plain, with a listing and without one, until a moment has two prices of it."""
    named: list[Record] = [a_record(at, seat="GA", listing_id=f"l-{at}") for at in range(3)]
    unnamed: list[Record] = [a_record(3, seat="GA"), a_record(4, seat="GA", price=Decimal(80))]
    held = dict[bytes, bytes]()

    assert taken([*named, *unnamed], held.get) == 4
