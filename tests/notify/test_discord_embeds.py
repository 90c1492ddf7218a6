from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.alerting.digest import summarise
from conscope_app.alerting.grouping import Message, choose
from conscope_app.alerting.waiting import WaitingAlert
from conscope_app.notify.discord import payload_of
from conscope_app.notify.discord_embeds import (
    LIMITS,
    NAMED_DROPS,
    alert_embed,
    digest_embed,
    weigh,
)
from conscope_app.notify.listing_url import own_url
from conscope_app.notify.webhook_url import WebhookUrl
from tests.discord_rules import check, distinct_by_url
from tests.notify.alerts import alerts, an_alert

URL = WebhookUrl("https://discord.com/api/webhooks/1/token")

# What the records let through: text of up to 512 characters without control characters.
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=512)
amounts = st.decimals("0.000000000000000001", "1000000000000000", places=18)


@st.composite
def any_alerts(draw: st.DrawFn) -> tuple[WaitingAlert, ...]:
    """A queue of one to thirty alerts, with the worst names and amounts that records can hold."""
    kinds = draw(
        st.lists(
            st.builds(
                an_alert,
                event_id=st.sampled_from("abcdefgh"),
                event_name=names,
                venue=names,
                source=names,
                section=names,
                row=names,
                seat=names,
                old_price=amounts,
                new_price=amounts,
                drop_amount=amounts,
                drop_percent=st.decimals(0, 100, places=4),
                currency=st.sampled_from(["USD", "EUR", "JPY", "ABCDEFGH"]),
                listing_url=st.none() | names | names.map(lambda text: f"https://a.example/{text}"),
            ),
            min_size=1,
            max_size=4,
        )
    )
    count = draw(st.integers(1, 30))
    return tuple(
        replace(kinds[n % len(kinds)], delivery_id=n, id=f"raw_prices-7-{n}") for n in range(count)
    )


def test_an_alert_looks_as_the_first_conscope_showed_it() -> None:
    """Title, colour, fields and footer are the contract of the seed."""
    assert alert_embed(an_alert()) == {
        "title": "🚨 Price Drop Alert!",
        "description": "**Taylor Swift**",
        "color": 0x00FF00,
        "url": "https://tickets.example.com/listing/7#raw_prices-0-1",
        "timestamp": "2026-11-22T12:00:00+00:00",
        "footer": {"text": "ConScope Price Monitor · raw_prices-0-1"},
        "fields": [
            {"name": "📍 Venue", "value": "MetLife Stadium", "inline": True},
            {"name": "🎫 Section", "value": "Floor A Row 5 Seat 1", "inline": True},
            {"name": "💰 Price Change", "value": "$100.00 → **$80.00**", "inline": False},
            {"name": "📉 Drop", "value": "$20.00 (20.0%)", "inline": True},
            {"name": "🔗 Source", "value": "MOCK", "inline": True},
        ],
    }


@pytest.mark.parametrize("missing", ["venue", "source", "section", "row", "seat", "event_name"])
def test_a_part_that_is_missing_leaves_no_empty_field(missing: str) -> None:
    """Discord refuses the whole message for one empty value."""
    overrides: dict[str, Any] = {missing: ""}

    check(payload_of(Message((an_alert(**overrides),)), URL), also_refuse=lambda _: False)


@given(any_alerts())
def test_discord_takes_whatever_the_records_let_through(queue: tuple[WaitingAlert, ...]) -> None:
    """No name, price or address makes a message that Discord refuses or shows in part."""
    message = choose(
        queue, places_left=1, limits=LIMITS, weigh=lambda alert: weigh(alert_embed(alert))
    )
    payload = payload_of(message, URL)

    check(payload, also_refuse=lambda _: False)
    assert distinct_by_url(payload["embeds"]) == payload["embeds"]
    if message.is_digest:
        assert weigh(payload["embeds"][-1]) <= LIMITS.digest_characters


@pytest.mark.parametrize(
    ("listing_url", "expected"),
    [
        pytest.param("https://a.example/1", "https://a.example/1#raw_prices-0-1", id="plain"),
        pytest.param("https://a.example/#/7", "https://a.example/#/7&raw_prices-0-1", id="routed"),
        pytest.param("https://a.example/#", "https://a.example/#raw_prices-0-1", id="empty"),
        pytest.param(None, None, id="absent"),
        pytest.param("", None, id="blank"),
        pytest.param("javascript:alert(1)", None, id="a script"),
        pytest.param("ftp://a.example/1", None, id="neither http nor https"),
        pytest.param("https://seatgeek.com@evil.example/", None, id="a host behind a user name"),
        pytest.param("https://a.example/a b", None, id="a space"),
        pytest.param("https://localhost/1", None, id="a host without a dot"),
        pytest.param("https://[::1", None, id="broken"),
        pytest.param("https://a.example/" + "x" * 2_040, None, id="too long"),
    ],
)
def test_each_embed_has_an_address_of_its_own_or_none(
    listing_url: str | None, expected: str | None
) -> None:
    """Discord drops what shares an address, and refuses what it cannot read."""
    assert own_url(listing_url, an_alert().id) == expected


def test_ten_drops_of_one_listing_are_ten_embeds() -> None:
    """They share the listing's address; each is told."""
    embeds = payload_of(Message(alerts(10)), URL)["embeds"]

    assert len(distinct_by_url(embeds)) == 10


def test_nobody_is_mentioned() -> None:
    """Whatever a name holds."""
    payload = payload_of(Message((an_alert(event_name="@everyone"),)), URL)

    assert payload["allowed_mentions"] == {"parse": []}
    assert payload.keys() == {"allowed_mentions", "embeds"}


def test_a_digest_says_how_many_of_what_and_from_where_to_where() -> None:
    """By event, the largest drops, and the first and last record."""
    folded = [
        an_alert(n, event_id=str(n % 7), event_name=f"Event {n % 7}", drop_percent=Decimal(n))
        for n in range(1, 1_235)
    ]
    embed = digest_embed(summarise(folded, name_largest=NAMED_DROPS))

    assert embed["title"] == "📦 1,234 more price drops"
    lines = embed["description"].splitlines()
    assert lines[0] == "**Event 1**: 177 drops, up to 1233.0%"
    assert lines[-1] == "and 352 in 2 more events"
    assert embed["fields"][0]["value"].splitlines()[0].endswith(r"(1234.0%)")
    assert embed["footer"]["text"].endswith(" · raw_prices-0-1 … raw_prices-0-1234")
