"""A short story of two seats, and what the watch of docs/watches.md tells Discord of it."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from conscope_app.alerting.watches.announcement import DATE, NAME, OFFER, WHERE, Announcement
from conscope_app.alerting.watches.deliveries import Delivery
from conscope_app.alerting.watches.signals import Signal
from conscope_app.alerting.watches.telling import announcement_of
from conscope_app.alerting.watches.watch import Watch
from conscope_app.commands.watch_file import read_watches
from conscope_app.core.clock import monotonic_s
from conscope_app.domains.tickets.watched import Offered, signal_of
from conscope_app.notify.discord_announcements import DiscordChannel
from conscope_app.notify.webhook_url import WebhookUrl
from conscope_app.store.tickets.facts import offer_of
from tests.alerting.watches.live import Live
from tests.alerting.watches.stories import NOON
from tests.discord_stand_in import DiscordStandIn

DOCUMENT = Path(__file__).parents[2] / "docs" / "watches.md"

# What each of the two seats costs, so many minutes after noon, and what is said by then.
PRICES = ((0, "180"), (4, "142"), (6, "142"), (41, "128.50"), (93, "165"))
CAPTIONS = ("Raised", "The price falls: the same message, edited", "Over: edited once more")

EVENT = {NAME: "Taylor Swift", WHERE: "MetLife Stadium", DATE: "2027-06-01 20:00"}


class Shown(NamedTuple):
    """The message as it reads from a moment on: the JSON that Discord was sent."""

    caption: str
    at: datetime
    payload: dict[str, Any]


async def tell() -> list[Shown]:
    """Tell a stand-in for Discord, by the channel itself; what it was sent, in order."""
    told = _Told([documented_watch()])
    told.run(signals(), told.now + timedelta(hours=3))
    with DiscordStandIn() as discord:
        await _tell(DiscordChannel("phone", WebhookUrl(discord.url, allow_loopback=True)), told)
    payloads = [*discord.messages, *(payload for _, payload in discord.edits)]
    moments = [message.at for message in told.messages]
    return [Shown(*each) for each in zip(CAPTIONS, moments, payloads, strict=True)]


def documented_watch() -> Watch:
    """The watch that docs/watches.md begins with."""
    first = re.search(r"```yaml\n(watches:.+?)```", DOCUMENT.read_text(), re.DOTALL)
    assert first is not None
    (watch,) = read_watches(first[1])
    return watch


def signals() -> list[Signal]:
    """Both seats at each price, as processed prices tell of them."""
    found: list[Signal] = []
    for minutes, price in PRICES:
        at = NOON + timedelta(minutes=minutes)
        for seat in ("12", "13"):
            offered = _offered(seat, Decimal(price), at)
            found.append(signal_of(offered, place=len(found), recorded_at=at))
    return found


def _offered(seat: str, price: Decimal, at: datetime) -> Offered:
    return Offered(
        event_id="evt-17",
        event_date=EVENT[DATE],
        source="seatgeek",
        section="Floor A",
        row="5",
        seat=seat,
        price=price,
        total_price=price,
        timestamp=at,
        kind="same",  # how it compares with the last one is nothing to a watch
    )


class _Told(Live):
    """The live core, which also keeps what its channel is given to tell."""

    def __init__(self, watches: Sequence[Watch]) -> None:
        super().__init__(watches)
        self.announcements: list[Announcement] = []

    def send(self, delivery: Delivery) -> None:
        entries = {entry.episode: entry for entry in self.queue(delivery.channel).entries}
        facts = {
            episode: {**EVENT, OFFER: offer_of(entries[episode])} for episode in delivery.episodes
        }
        self.announcements.append(announcement_of(delivery, entries, self.watch_of, facts))
        super().send(delivery)


async def _tell(channel: DiscordChannel, told: _Told) -> None:
    try:
        before = monotonic_s() + 60
        first, *others = told.announcements
        reference = (await channel.send(first, before=before)).message_id
        assert reference is not None
        for announcement in others:
            await channel.edit(reference, announcement, before=before)
    finally:
        await channel.close()
