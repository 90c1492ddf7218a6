"""Alerts for tests: full defaults, override what matters."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from conscope_app.alerting.waiting import WaitingAlert

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def an_alert(number: int = 1, **overrides: Any) -> WaitingAlert:
    """The alert of the delivery with this number: 100 dollars became 80."""
    defaults: dict[str, Any] = {
        "delivery_id": number,
        "attempts": 0,
        "id": f"raw_prices-0-{number}",
        "event_id": "test_taylor_swift_2025",
        "event_name": "Taylor Swift",
        "venue": "MetLife Stadium",
        "source": "mock",
        "section": "Floor A",
        "row": "5",
        "seat": str(number),
        "old_price": Decimal("100.00"),
        "new_price": Decimal("80.00"),
        "drop_amount": Decimal("20.00"),
        "drop_percent": Decimal("20.0000"),
        "currency": "USD",
        "listing_url": "https://tickets.example.com/listing/7",
        "alert_timestamp": NOON,
    }
    return WaitingAlert(**{**defaults, **overrides})


def alerts(count: int, **overrides: Any) -> tuple[WaitingAlert, ...]:
    """So many alerts, numbered from 1, in the order in which they wait."""
    return tuple(an_alert(number, **overrides) for number in range(1, count + 1))
