import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.core.record import Record
from conscope_app.core.refusal import Reason
from conscope_app.domains.tickets.accelerated import Track
from conscope_app.domains.tickets.pricing import decode_last_seen
from conscope_app.domains.tickets.tracking import REKEYED_FROM, HeldUnreadable, Tracked
from tests.factories import NOON, ARecord, a_record


class Runs:
    """One run of records of partition 0, where all of them belong."""

    def __init__(self, track: Track) -> None:
        self._track = track

    def __call__(self, *records: Record, held: dict[bytes, bytes] | None = None) -> Tracked:
        return self._track(records, (held or {}).get, 0, lambda _: 0)


@pytest.fixture(scope="session")
def tracked(track: Track) -> Runs:
    return Runs(track)


def kinds(result: Tracked) -> list[str]:
    return [json.loads(value)["kind"] for _, value, _ in result.processed]


def test_a_drop_gives_a_processed_price_and_an_alert_under_one_id(tracked: Runs) -> None:
    """The id is the place of the raw record; amounts of an alert are positive."""
    result = tracked(a_record(7, price=Decimal("100")), a_record(8, price=Decimal("80.00")))

    alert = json.loads(result.alerts[0][1])
    assert kinds(result) == ["new", "drop"]
    assert alert["id"] == json.loads(result.processed[1][1])["id"] == "raw_prices-0-8"
    assert (alert["old_price"], alert["new_price"]) == (100, 80.0)
    assert (alert["drop_amount"], alert["drop_percent"]) == (20.0, 20.0)
    assert alert["alert_type"] == "price_drop"


def test_a_drop_is_exact_however_many_digits_it_has(tracked: Runs) -> None:
    """33 digits: more than Python's decimals keep by themselves."""
    high, low = Decimal("999999999999999.5"), Decimal("0.000000000000000001")
    result = tracked(a_record(7, price=high), a_record(8, price=low))

    alert = msgspec.json.decode(result.alerts[0][1], type=dict[str, msgspec.Raw])
    assert bytes(alert["drop_amount"]) == b"999999999999999.499999999999999999"


def test_a_drop_becomes_the_new_price(tracked: Runs) -> None:
    """The same low price next time is `same`: one drop, one alert."""
    result = tracked(*(a_record(i, price=Decimal(p)) for i, p in enumerate((100, 80, 80, 90))))

    assert kinds(result) == ["new", "drop", "same", "rise"]
    assert len(result.alerts) == 1


def test_a_late_price_is_kept_but_changes_nothing(tracked: Runs) -> None:
    """An older observation is history: no alert, and the state stays."""
    result = tracked(
        a_record(0, price=Decimal(100)),
        a_record(1, price=Decimal(50), timestamp=NOON - timedelta(hours=1)),
        a_record(2, price=Decimal(100)),
    )

    assert kinds(result) == ["new", "late", "same"]
    assert not result.alerts


def test_state_of_an_earlier_run_counts(tracked: Runs) -> None:
    """What the table holds is what the next run compares with."""
    held = tracked(a_record(0, price=Decimal(100))).changes

    assert kinds(tracked(a_record(1, price=Decimal(70)), held=held)) == ["drop"]


def test_seats_do_not_mix(tracked: Runs) -> None:
    """Parts that read alike when joined are different seats."""
    result = tracked(
        a_record(0, section="A", row="1B", price=Decimal(100)),
        a_record(1, section="A1", row="B", price=Decimal(50)),
    )

    assert kinds(result) == ["new", "new"]


def test_a_record_under_another_key_goes_back_under_its_own(tracked: Runs) -> None:
    """It is not compared here; its bytes do not change."""
    stranger = a_record(3, key=b"theirs")

    result = tracked(stranger)

    assert [(key, record) for _, key, record in result.rekeyed] == [(a_record().key, stranger)]
    assert not result.processed
    assert not result.changes


def test_a_right_key_in_the_wrong_partition_goes_back_too(track: Track) -> None:
    """Another partitioner put it here: the seat's other prices are elsewhere."""
    result = track([a_record()], lambda _: None, 0, lambda _: 5)

    assert [partition for partition, _, _ in result.rekeyed] == [5]


def test_a_record_is_rekeyed_only_once(tracked: Runs) -> None:
    """A marked record that is still wrong is refused: it would travel for ever."""
    result = tracked(a_record(0, key=b"theirs", headers=((REKEYED_FROM, b"1-2"),)))

    assert [why.reason for _, why in result.refused] == [Reason.WRONG_PARTITION]


def test_a_table_that_cannot_be_read_refuses_nothing(track: Track) -> None:
    """A failing disk is not the record's fault: nothing may be kept as if it were."""

    def broken(_: bytes) -> bytes:
        raise OSError("too many open files")

    with pytest.raises(HeldUnreadable):
        track([a_record(0)], broken, 0, lambda _: 0)


def test_an_unforeseen_error_refuses_one_record(tracked: Runs) -> None:
    """What no rule foresaw costs one record, not the partition: the next one is processed."""

    class Surprise:
        key = value = a_record().value
        headers = ()
        topic, partition, offset = "raw_prices", 0, 0

        @property
        def timestamp(self) -> int:
            raise ZeroDivisionError("no")

    result = tracked(Surprise(), a_record(1))

    assert [why.reason for _, why in result.refused] == [Reason.UNEXPECTED]
    assert "ZeroDivisionError" in result.refused[0][1].message
    assert kinds(result) == ["new"]


def test_what_would_not_fit_back_is_refused(tracked: Runs) -> None:
    """Headers count too: a re-keyed record has to fit its topic again."""
    huge = tuple(("h", b"x" * 1_000) for _ in range(900))

    result = tracked(a_record(0, key=b"theirs", headers=huge))

    assert [why.reason for _, why in result.refused] == [Reason.TOO_LONG]


steps = st.tuples(
    st.integers(0, 2),
    st.integers(1, 4),
    st.integers(-3, 3),
    st.sampled_from(["USD", "EUR"]),
    st.booleans(),
)


@given(st.lists(steps, max_size=30), st.integers(1, 10))
def test_how_records_are_cut_into_runs_changes_nothing(
    track: Track, history: list[tuple[int, int, int, str, bool]], size: int
) -> None:
    """One run of all records or many small ones: the same outputs and the same state."""
    records = [
        a_record(
            at,
            seat=str(seat),
            price=Decimal(price),
            timestamp=NOON + timedelta(seconds=shift),
            currency=currency,
            **({} if good else {"key": b"theirs"}),
        )
        for at, (seat, price, shift, currency, good) in enumerate(history)
    ]

    def in_runs(of: int) -> tuple[list[object], dict[bytes, bytes]]:
        state: dict[bytes, bytes] = {}
        held: Callable[[bytes], bytes | None] = state.get
        out: list[object] = []
        for begin in range(0, len(records), of):
            result = track(records[begin : begin + of], held, 0, lambda _: 0)
            out += [*result.processed, *result.alerts, *result.rekeyed]
            state.update(result.changes)
        return sorted(out, key=repr), state

    assert in_runs(size) == in_runs(len(records) + 1)


@given(st.lists(st.binary(max_size=30) | st.none(), max_size=20))
def test_every_record_ends_in_exactly_one_place(tracked: Runs, values: list[bytes | None]) -> None:
    """Processed, re-keyed or refused: nothing is lost, nothing counted twice."""
    records = [ARecord(b"k", value, offset=at) for at, value in enumerate(values)]
    records.append(a_record(len(values)))

    result = tracked(*records)

    assert len(result.processed) + len(result.rekeyed) + len(result.refused) == len(records)
    assert result.counts["records"] == len(records)


def test_general_admission_is_an_item_for_each_listing(tracked: Runs) -> None:
    """Two listings poll after poll, at prices of their own: nothing has moved."""
    polls = [
        a_record(
            2 * poll + at,
            seat="GA",
            listing_id=f"l-{at}",
            price=Decimal(price),
            timestamp=NOON + timedelta(seconds=poll),
        )
        for poll in range(3)
        for at, price in enumerate((150, 100))
    ]

    result = tracked(*polls)

    assert kinds(result) == ["new", "new", "same", "same", "same", "same"]
    assert result.alerts == []
    assert len(result.changes) == 2


def test_a_listing_under_its_old_key_is_re_keyed(tracked: Runs) -> None:
    """As any record with a key of another kind: older producers go on working."""
    record = a_record(seat="", listing_id="l-1", key=a_record(seat="").key)

    result = tracked(record)

    assert result.rekeyed == [(0, a_record(seat="", listing_id="l-1").key, record)]


@pytest.mark.parametrize(
    ("prices", "expected", "held"),
    [
        pytest.param((100, 150, 120), ["new", "late", "late"], 100, id="the cheapest first"),
        pytest.param((150, 120, 100), ["new", "new", "new"], 100, id="the cheapest last"),
        pytest.param((100, 100), ["new", "same"], 100, id="the same price"),
    ],
)
def test_of_offers_that_nothing_names_a_moment_has_its_cheapest(
    tracked: Runs, prices: tuple[int, ...], expected: list[str], held: int
) -> None:
    """Nothing has two prices at once: it is two offers, and no price has moved."""
    records = [a_record(at, seat="GA", price=Decimal(it)) for at, it in enumerate(prices)]

    result = tracked(*records)

    assert kinds(result) == expected
    assert result.alerts == []
    assert [decode_last_seen(row).price for row in result.changes.values()] == [held]
    assert result.counts.get("beside", 0) == sum(it != "same" for it in expected[1:])


def test_of_what_has_a_name_each_price_counts(tracked: Runs) -> None:
    """A seat, or a listing, that is cheaper within the same moment has dropped."""
    for names in ({"seat": "8"}, {"seat": "GA", "listing_id": "l-1"}):
        result = tracked(a_record(0, **names), a_record(1, price=Decimal(80), **names))

        assert kinds(result) == ["new", "drop"]


def test_an_unnamed_offer_moves_from_poll_to_poll(tracked: Runs) -> None:
    """One price of a section, or of a share, is a series as any other."""
    later = NOON + timedelta(seconds=30)
    result = tracked(
        a_record(0, seat="", price=Decimal(100)),
        a_record(1, seat="", price=Decimal(80), timestamp=later),
    )

    assert kinds(result) == ["new", "drop"]
    assert "beside" not in result.counts
