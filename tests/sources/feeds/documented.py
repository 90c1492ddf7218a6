"""The feeds of docs/feeds.md, and what their interfaces answer."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conscope_app.sources.adapter import Answer, Reading, Request
from conscope_app.sources.feeds.adapter import FeedAdapter
from conscope_app.sources.feeds.file import feed_from

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "feeds.md").read_text()
FILES = {
    re.findall(r"^name: (\w+)", text)[0]: text
    for text in re.findall(r"```yaml\n(.+?)```", TEXT, re.DOTALL)
}
RECEIVED_AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)

COINS = (
    b'{"bitcoin":{"usd":67187.3358936566,"last_updated_at":1795406397.25},'
    b'"pepe":{"usd":1.2345e-9,"last_updated_at":1795406300},'
    b'"gone":{"usd":null,"last_updated_at":1795406300}}'
)

SHOP: dict[str, Any] = {
    "shop": {"currency": "eur"},
    "products": [
        {
            "id": 632910392,
            "title": "Kettle",
            "vendor": "Brewers",
            "handle": "kettle",
            "status": "active",
            "seller": None,
            "variants": [
                {
                    "id": 808950810,
                    "title": "Red",
                    "sku": "K-R",
                    "price_cents": 1999,
                    "with_shipping": "24,94",
                    "stock": 3,
                    "available": True,
                    "updated_at": "2026-11-23T04:30:00+01:00",
                },
                {"id": 49148385, "title": "Blue", "price_cents": 1899, "available": False},
                {
                    "id": 39072856,
                    "title": "Green",
                    "price_cents": "on request",
                    "available": True,
                    "updated_at": "2026-11-23T03:00:00",
                },
            ],
        },
        {"id": 921728736, "title": "No variants yet", "status": "active"},
        {"id": 3, "title": "Withdrawn", "status": "archived", "variants": [{"available": True}]},
    ],
}

FLIGHTS: dict[str, Any] = {
    "meta": {"generated": 1795406399123, "next": "p2==", "count": 41},
    "data": {
        "flights": [
            {
                "carrier": "TP",
                "number": 567,
                "route": ["HAM", "OPO", "LIS"],
                "departs_at": "2026-12-24T06:10:00+01:00",
                "offers": [
                    {
                        "cabin": "economy",
                        "fare_class": "Y",
                        "brand": "light",
                        "price": {"total": "129.00", "currency": "EUR"},
                    },
                    {
                        "cabin": "economy",
                        "fare_class": "Y",
                        "brand": None,
                        "price": {"total": "179.5", "currency": "EUR"},
                    },
                    {
                        "cabin": "economy",
                        "fare_class": "Y",
                        "price": {"total": "181", "currency": "EUR"},
                    },
                ],
            }
        ]
    },
}


def feed(name: str, **changes: str) -> FeedAdapter:
    """One of the documented feeds; `changes` replaces a line by the name of its field."""
    text = FILES[name]
    for field, line in changes.items():
        text = re.sub(rf"^( *){field}: .*$", rf"\1{field}: {line}", text, flags=re.MULTILINE)
    return feed_from(text, f"{name}.yaml")


def first(adapter: FeedAdapter) -> Request:
    """The request for its first page."""
    return adapter.catalogue(RECEIVED_AT, RECEIVED_AT)


def answered(body: bytes | dict[str, Any] | list[Any]) -> Answer:
    """An answer with that body."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(200, {"content-type": "application/json"}, raw, RECEIVED_AT)


def reading(adapter: FeedAdapter, body: bytes | dict[str, Any] | list[Any]) -> Reading:
    """What it makes of that answer to its first request."""
    return adapter.read(first(adapter), answered(body))
