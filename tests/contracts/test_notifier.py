"""What every notifier promises: the ones that people are told by, and their twin."""

import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from conscope_app.alerting.grouping import Message, choose
from conscope_app.core.clock import monotonic_s
from conscope_app.notify.base import Notifier, Retryable, TooLate
from conscope_app.notify.console import ConsoleNotifier
from conscope_app.notify.discord import DiscordNotifier
from conscope_app.notify.webhook_url import WebhookUrl
from tests.discord_stand_in import DiscordStandIn
from tests.notify.alerts import alerts, an_alert


@dataclass
class Channel:
    """A notifier, what arrived at its other end, and how to break that end."""

    notifier: Notifier
    heard: Callable[[], str]
    break_it: Callable[[], None]


@pytest.fixture(params=["discord", "console"])
async def channel(request: pytest.FixtureRequest) -> AsyncIterator[Channel]:
    if request.param == "console":
        out = io.StringIO()
        heard = []

        def close() -> None:
            heard.append(out.getvalue())
            out.close()

        console = ConsoleNotifier(out)
        yield Channel(console, lambda: "".join(heard) if out.closed else out.getvalue(), close)
        return
    with DiscordStandIn() as stand_in:
        discord = DiscordNotifier(WebhookUrl(stand_in.url, allow_loopback=True))
        yield Channel(discord, lambda: str(stand_in.messages), stand_in.stop)
        await discord.close()


def soon() -> float:
    return monotonic_s() + 60


async def test_every_alert_shown_is_told_with_its_id_and_its_prices(channel: Channel) -> None:
    """The id lets a reader recognise a repetition."""
    await channel.notifier.deliver(Message(alerts(3)), before=soon())

    heard = channel.heard()
    positions = [heard.index(f"raw_prices-0-{number}") for number in (1, 2, 3)]
    assert positions == sorted(positions)
    for part in ("Taylor Swift", "MetLife Stadium", "Floor A Row 5 Seat 2", "$100.00", "$80.00"):
        assert part in heard
    assert "$20.00 (20.0%)" in heard
    assert "MOCK" in heard


async def test_a_digest_counts_what_it_does_not_show(channel: Channel) -> None:
    """How many, of which events, the largest of them, and from which record to which."""
    queue = [an_alert(n, drop_percent=Decimal(n) / 3) for n in range(1, 31)]
    notifier = channel.notifier
    message = choose(queue, places_left=1, limits=notifier.limits, weigh=notifier.weigh)
    await notifier.deliver(message, before=soon())

    heard = channel.heard()
    assert "21 more price drops" in heard
    assert "raw_prices-0-1 … raw_prices-0-21" in heard
    assert "up to 7.0%" in heard


async def test_nothing_is_told_too_late(channel: Channel) -> None:
    """A sender whose lease has run out stays silent."""
    with pytest.raises(TooLate):
        await channel.notifier.deliver(Message(alerts(1)), before=monotonic_s() - 1)

    assert "raw_prices" not in channel.heard()


async def test_an_end_that_is_away_is_tried_again_later(channel: Channel) -> None:
    """Nobody listens, or the terminal was closed."""
    channel.break_it()

    with pytest.raises(Retryable):
        await channel.notifier.deliver(Message(alerts(1)), before=soon())


async def test_names_cannot_begin_a_line_of_their_own(channel: Channel) -> None:
    """Nor move a terminal's cursor."""
    alert = an_alert(event_name="A\n🚨 forged\x1b[2J")
    await channel.notifier.deliver(Message((alert,)), before=soon())

    assert "A 🚨 forged" in channel.heard()
    assert "\x1b" not in channel.heard()


async def test_a_notifier_says_who_it_is(channel: Channel) -> None:
    """The channel is a word in the database; the limits let a message hold an alert."""
    notifier = channel.notifier

    assert notifier.channel in ("discord", "console")
    assert notifier.fingerprint
    assert notifier.weigh(an_alert()) < notifier.limits.characters
    assert notifier.send_s > 0
