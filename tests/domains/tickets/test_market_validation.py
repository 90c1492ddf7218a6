"""What a market snapshot must be to be believed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec import UNSET

from conscope_app.core.clock import to_epoch_ms
from conscope_app.core.refusal import Reason, Refused
from conscope_app.domains.tickets.market import MarketSnapshot
from conscope_app.domains.tickets.market_validation import read_snapshot
from tests.factories import NOON, a_snapshot_value, some_facts

A_MINUTE = timedelta(minutes=1)


def read(value: bytes | None) -> MarketSnapshot:
    return read_snapshot(value, to_epoch_ms(NOON))


def refusal(value: bytes | None) -> Reason:
    with pytest.raises(Refused) as caught:
        read(value)
    return caught.value.reason


def facts(**fields: Any) -> dict[str, Any]:
    return {"facts": some_facts(**fields)}


def test_absent_and_null_stay_apart() -> None:
    """Neither is a price of nothing."""
    snapshot = read(a_snapshot_value(lowest=None, highest=..., currency=None, listing_count=...))

    assert snapshot.lowest is None
    assert snapshot.highest is UNSET
    assert snapshot.listing_count is UNSET


def test_moments_are_in_utc_and_currencies_in_capitals() -> None:
    """Those of the facts too; one without an offset is UTC."""
    snapshot = read(
        a_snapshot_value(
            observed_at="2026-11-20T13:00:00+01:00",
            currency="eur",
            facts=some_facts(
                starts_at="2027-05-15T19:00:00+02:00",
                presales=[{"name": "Fans", "starts_at": "2027-01-01T10:00:00"}],
            ),
        )
    )

    assert (snapshot.observed_at, snapshot.currency) == (NOON, "EUR")
    assert snapshot.facts.starts_at == datetime(2027, 5, 15, 17, tzinfo=UTC)
    assert snapshot.facts.presales[0].starts_at == datetime(2027, 1, 1, 10, tzinfo=UTC)
    assert snapshot.observed_at.tzinfo is snapshot.facts.starts_at.tzinfo is UTC


def test_a_price_that_is_no_price_needs_no_currency() -> None:
    """It says that there is none."""
    assert read(a_snapshot_value(lowest=None, currency=None)).currency is None


def test_fields_of_a_later_version_are_left_out() -> None:
    """Also those within the facts."""
    value = a_snapshot_value(mood="good", facts=some_facts(genre="rock"))

    assert read(value) == read(a_snapshot_value())


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({"lowest": Decimal("-1")}, Reason.BAD_AMOUNT, id="below nothing"),
        pytest.param({"highest": Decimal("1e16")}, Reason.BAD_AMOUNT, id="beyond belief"),
        pytest.param({"median": "NaN"}, Reason.BAD_AMOUNT, id="no number"),
        pytest.param({"median": "cheap"}, Reason.BAD_AMOUNT, id="a word"),
        pytest.param({"lowest": 0}, Reason.BAD_PRICE, id="no price is not 0"),
        pytest.param({"lowest": 50, "highest": 40}, Reason.BAD_AMOUNT, id="lowest above highest"),
        pytest.param({"listing_count": 10**10}, Reason.BAD_AMOUNT, id="too many listings"),
        pytest.param({"listing_count": -1}, Reason.WRONG_TYPE, id="fewer than none"),
        pytest.param({"listing_count": 10**30}, Reason.BAD_AMOUNT, id="beyond 64 bits"),
        pytest.param({"currency": None}, Reason.BAD_CURRENCY, id="a price of no currency"),
        pytest.param({"currency": "€"}, Reason.BAD_CURRENCY, id="a sign"),
        pytest.param({"event_id": ""}, Reason.MISSING_FIELD, id="no event"),
        pytest.param({"source": ...}, Reason.MISSING_FIELD, id="no source"),
        pytest.param({"facts": ...}, Reason.MISSING_FIELD, id="no facts"),
        pytest.param({"availability": "some"}, Reason.WRONG_TYPE, id="no availability of ours"),
        pytest.param(facts(status="sold"), Reason.WRONG_TYPE, id="no status of ours"),
        pytest.param(facts(name="x" * 513), Reason.TOO_LONG, id="a long name"),
        pytest.param(facts(name="a\x00b"), Reason.CONTROL_CHARACTER, id="a NUL"),
        pytest.param(facts(venue={"name": "a\x1b[1m"}), Reason.CONTROL_CHARACTER, id="an escape"),
        pytest.param(facts(performers=["a", "b\n"]), Reason.CONTROL_CHARACTER, id="a line end"),
        pytest.param(
            facts(presales=[{"name": "a\x7f"}]), Reason.CONTROL_CHARACTER, id="a DEL in a presale"
        ),
        pytest.param(facts(local_date="15.5.2027"), Reason.BAD_TIMESTAMP, id="a German date"),
        pytest.param(facts(local_date="2027-02-30"), Reason.BAD_TIMESTAMP, id="no day"),
        pytest.param(facts(local_time="24:00"), Reason.BAD_TIMESTAMP, id="no time of day"),
        pytest.param(facts(starts_at="9999-12-31T00:00:00Z"), Reason.BAD_TIMESTAMP, id="never"),
        pytest.param(
            facts(on_sale_at="0001-01-01T00:00:00+01:00"), Reason.BAD_TIMESTAMP, id="before time"
        ),
        pytest.param(
            {"observed_at": NOON + 6 * A_MINUTE}, Reason.TIMESTAMP_IN_FUTURE, id="ahead of Kafka"
        ),
        pytest.param({"observed_at": "yesterday"}, Reason.BAD_TIMESTAMP, id="no timestamp"),
    ],
)
def test_what_cannot_be_believed_is_refused(fields: dict[str, Any], reason: Reason) -> None:
    assert refusal(a_snapshot_value(**fields)) == reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(None, Reason.NO_VALUE, id="nothing"),
        pytest.param(b"", Reason.NOT_JSON, id="empty"),
        pytest.param(b"[" * 100_000, Reason.WRONG_TYPE, id="deep"),
        pytest.param(b'{"event_id": "\xff"}', Reason.NOT_TEXT, id="no UTF-8"),
        pytest.param(b'{"event_id": "\\ud800"}', Reason.NOT_JSON, id="half a character"),
        pytest.param(b" " * 300_000, Reason.TOO_LONG, id="a quarter of a megabyte"),
    ],
)
def test_what_is_no_snapshot_is_refused(value: bytes | None, reason: Reason) -> None:
    assert refusal(value) == reason


def test_a_little_ahead_of_kafka_is_believed() -> None:
    """Clocks differ."""
    assert read(a_snapshot_value(observed_at=NOON + 4 * A_MINUTE)).observed_at > NOON
