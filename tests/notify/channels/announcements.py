"""Announcements for tests: full defaults, override what matters."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from conscope_app.alerting.watches.announcement import Announcement, Line

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

FACTS = {
    "name": "Taylor Swift",
    "where": "MetLife Stadium",
    "date": "2027-06-01 20:00",
    "offer": "Floor A Row 5 Seats 12, 13",
    "url": "https://tickets.example.com/listing/7",
    "source": "mock",
}


def a_line(number: int = 1, **overrides: Any) -> Line:
    """An episode with this number: 100 dollars were asked for at most, and 80 are."""
    defaults: dict[str, Any] = {
        "episode": f"episode-{number}",
        "watch_id": "w1",
        "watch_name": "Cheap floor",
        "subject": "taylor_swift_2027",
        "items": ("a", "b"),
        "labels": {"section": "Floor A"},
        "price": Decimal("80.00"),
        "was": Decimal("80.00"),
        "currency": "USD",
        "basis": "all_in",
        "reason": "raised: 80.00 is at most 100.00",
        "over": False,
        "facts": FACTS,
        "raised_at": NOON,
    }
    return Line(**{**defaults, **overrides})


def an_announcement(*lines: Line, **overrides: Any) -> Announcement:
    """A new message of one episode, where no others are given."""
    defaults: dict[str, Any] = {
        "message": "0123456789abcdef01234567",
        "kind": "raise",
        "severity": "info",
        "lines": lines or (a_line(),),
    }
    return Announcement(**{**defaults, **overrides})
