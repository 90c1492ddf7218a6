"""A stand-in for Discord that takes everything, until a test says otherwise."""

from collections.abc import AsyncIterator, Iterator

import pytest

from conscope_app.notify.discord import DiscordNotifier
from conscope_app.notify.webhook_url import WebhookUrl
from tests.discord_stand_in import DiscordStandIn


@pytest.fixture
def discord() -> Iterator[DiscordStandIn]:
    with DiscordStandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def notifier(discord: DiscordStandIn) -> AsyncIterator[DiscordNotifier]:
    notifier = DiscordNotifier(WebhookUrl(discord.url, allow_loopback=True))
    yield notifier
    await notifier.close()
