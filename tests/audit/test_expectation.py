"""What must come out of each raw record."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.audit.expectation import (
    Copied,
    Expectation,
    Fold,
    Processed,
    Refused,
    alert_of,
    partition_of,
    percent_of,
)
from tests.audit.story import FLOOR, ROOF, STEPS, Stored, home_of, raw_json

PARTITIONS = 8
HOME = home_of(FLOOR, PARTITIONS)
NOW_MS = 1_795_345_200_000  # after every observation of these tests


def stored(offset: int, value: bytes | None, **changes: Any) -> Stored:
    """A raw record of the floor seat, in its own partition."""
    record = Stored("raw_prices", HOME, offset, NOW_MS, FLOOR, value)
    for name, changed in changes.items():
        setattr(record, name, changed)
    return record


def expect_all(*records: Stored, **options: Any) -> list[Expectation]:
    """What a fold over the floor's partition expects of each."""
    fold = Fold(HOME, PARTITIONS, **options)
    return [fold.expect(record) for record in records]


def test_the_story_comes_out_as_worked_out_by_hand() -> None:
    """Kind, old price, change and percentage of each step at the floor seat."""
    steps = [step for step in STEPS if step.seat == FLOOR]
    expected = expect_all(*(stored(at, step.value) for at, step in enumerate(steps)))

    for step, out in zip(steps, expected, strict=True):
        if step.move is None:
            assert isinstance(out, Refused), step.name
            continue
        assert isinstance(out, Processed), step.name
        kind, *amounts = step.move
        moved = [None if amount is None else Decimal(amount) for amount in amounts]
        price = out.price
        assert price.kind == kind, step.name
        assert [price.old_price, price.change, price.change_percent] == moved, step.name


def test_an_alert_says_by_how_much_the_price_fell() -> None:
    """Positive amounts, and Kafka's time of the raw record."""
    _, drop = expect_all(stored(0, raw_json(FLOOR, "3", 0)), stored(1, raw_json(FLOOR, "2", 1)))
    assert isinstance(drop, Processed)
    alert = alert_of(drop)

    assert [alert.old_price, alert.new_price, alert.drop_amount] == list(map(Decimal, "321"))
    assert alert.drop_percent == Decimal("33.3333")
    assert alert.alert_timestamp.timestamp() * 1000 == NOW_MS


def test_a_late_price_in_another_currency_is_compared_with_nothing() -> None:
    """It is late, without an old price, and changes nothing."""
    _, late, rise = expect_all(
        stored(0, raw_json(FLOOR, "3", 5)),
        stored(1, raw_json(FLOOR, "2", 1, "EUR")),
        stored(2, raw_json(FLOOR, "4", 6)),
    )
    assert isinstance(late, Processed)
    assert isinstance(rise, Processed)

    assert (late.price.kind, late.price.old_price) == ("late", None)
    assert (rise.price.kind, rise.price.old_price) == ("rise", Decimal(3))


WRONG_HOME = (HOME + 1) % PARTITIONS
MARK = (("conscope.rekeyed-from", b"0-1"),)


@pytest.mark.parametrize(
    ("partition", "key", "headers", "expected"),
    [
        pytest.param(HOME, FLOOR, (), Processed, id="at home"),
        pytest.param(HOME, FLOOR, MARK, Processed, id="a copy at home"),
        pytest.param(HOME, None, (), Copied, id="no key"),
        pytest.param(HOME, ROOF, (), Copied, id="another key"),
        pytest.param(WRONG_HOME, FLOOR, (), Copied, id="right key, wrong partition"),
        pytest.param(HOME, None, MARK, Refused, id="a copy without the key"),
        pytest.param(WRONG_HOME, FLOOR, MARK, Refused, id="a copy in the wrong partition"),
    ],
)
def test_a_record_is_put_under_its_right_key_once(
    partition: int, key: bytes | None, headers: Any, expected: type
) -> None:
    """A foreign record is copied; a copy never is."""
    record = stored(0, raw_json(FLOOR, "3", 0), partition=partition, key=key, headers=headers)
    out = Fold(partition, PARTITIONS).expect(record)

    assert isinstance(out, expected)
    if isinstance(out, Copied):
        assert out == Copied(FLOOR, HOME)


def test_a_bad_record_is_refused_whatever_its_key() -> None:
    """Validity is asked before the key."""
    assert isinstance(expect_all(stored(0, b"no", key=None))[0], Refused)


def test_after_retention_the_first_record_of_a_seat_is_weak() -> None:
    """And the next one is compared with it, unless it was late."""
    first, second = stored(7, raw_json(FLOOR, "3", 0)), stored(8, raw_json(FLOOR, "2", 1))

    weak, sure = expect_all(first, second, whole=False)
    assert isinstance(weak, Processed)
    assert isinstance(sure, Processed)
    assert (weak.weak, sure.weak, sure.price.kind) == (True, False, "drop")

    still = expect_all(first, second, whole=False, kind_found={7: "late"}.get)[1]
    assert isinstance(still, Processed)
    assert still.weak


def test_a_percentage_that_lies_in_the_middle_goes_to_the_even_side() -> None:
    """0.00005 becomes 0.0000, 0.00015 becomes 0.0002."""
    assert percent_of(Decimal(1), Decimal(2_000_000)) == 0
    assert percent_of(Decimal(3), Decimal(2_000_000)) == Decimal("0.0002")
    assert percent_of(Decimal(-3), Decimal(2_000_000)) == Decimal("-0.0002")


@given(st.binary(max_size=200), st.integers(1, 64))
def test_keys_go_where_kafkas_own_partitioner_puts_them(key: bytes, partitions: int) -> None:
    """For any key and any count."""
    assert partition_of(key, partitions) == home_of(key, partitions)
