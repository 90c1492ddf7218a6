"""What an alert and a digest look like in Discord, within Discord's limits."""

from typing import Any

from discord_webhook import DiscordEmbed

from conscope_app.alerting.digest import Digest, EventCount
from conscope_app.alerting.grouping import Limits
from conscope_app.alerting.waiting import WaitingAlert
from conscope_app.notify.listing_url import own_url
from conscope_app.notify.markdown import escape, measure
from conscope_app.notify.wording import BRAND, amount, drop, percent, place, plain, price_change

Embed = dict[str, Any]

# Ten embeds, and 6,000 characters over all of them; an embed's own bounds are 256 for the title,
# 4,096 for the description, 256 and 1,024 for a field's name and value, 2,048 for the footer:
# https://discord.com/developers/docs/resources/message#embed-object-embed-limits
LIMITS = Limits(alerts=10, characters=6_000, digest_characters=2_400)

# Far below Discord's bounds, so that ten alerts with long names still share one message.
_NAME = 150
_FOOTER = 1_000

NAMED_DROPS = 3
_NAMED_EVENTS = 5

GREEN = 0x00FF00


def alert_embed(alert: WaitingAlert) -> Embed:
    """One drop, shown in full."""
    old, new = (amount(price, alert.currency) for price in (alert.old_price, alert.new_price))
    embed = DiscordEmbed(
        title="🚨 Price Drop Alert!",
        description=f"**{_name(alert.event_name)}**",
        color=GREEN,
        fields=[],  # the library's default list is shared by every embed
    )
    embed.add_embed_field("📍 Venue", _name(alert.venue), inline=True)
    embed.add_embed_field("🎫 Section", escape(place(alert), _NAME), inline=True)
    # Prices and currencies are made of digits and capitals alone: there is nothing to escape.
    embed.add_embed_field("💰 Price Change", f"{old} → **{new}**", inline=False)
    embed.add_embed_field("📉 Drop", drop(alert), inline=True)
    embed.add_embed_field("🔗 Source", _name(alert.source.upper()), inline=True)
    embed.set_footer(f"{BRAND} · {alert.id}"[:_FOOTER])
    embed.set_timestamp(alert.alert_timestamp.isoformat())
    url = own_url(alert.listing_url, alert.id)
    if url is not None:
        embed.set_url(url)
    return without_blanks(embed)


def digest_embed(digest: Digest) -> Embed:
    """The drops that are only counted: by event, the largest of them, the first and last record."""
    named = digest.events[:_NAMED_EVENTS]
    events = [_event_line(event) for event in named]
    if len(digest.events) > len(named):
        rest = digest.events[len(named) :]
        events.append(f"and {sum(e.drops for e in rest):,} in {len(rest):,} more events")
    embed = DiscordEmbed(
        title=f"📦 {digest.drops:,} more price drops",
        description="\n".join(events),
        color=GREEN,
        fields=[],
    )
    largest = "\n".join(_drop_line(alert) for alert in digest.largest)
    embed.add_embed_field("📉 Largest of them", largest, inline=False)
    embed.set_footer(f"{BRAND} · {digest.first_id} … {digest.last_id}"[:_FOOTER])
    return without_blanks(embed)


def weigh(embed: Embed) -> int:
    """The characters that Discord counts against the limit over all embeds of a message."""
    texts = [embed["title"], embed["description"], embed["footer"]["text"]]
    for field in embed["fields"]:
        texts += [field["name"], field["value"]]
    return sum(map(measure, texts))


def _name(text: str) -> str:
    return escape(plain(text), _NAME)


def _event_line(event: EventCount) -> str:
    drops = "drop" if event.drops == 1 else "drops"
    return (
        f"**{_name(event.event_name)}**: {event.drops:,} {drops}, "
        f"up to {percent(event.largest_percent)}"
    )


def _drop_line(alert: WaitingAlert) -> str:
    return (
        f"{escape(plain(alert.event_name), 80)} · {escape(place(alert), 60)}: "
        f"{price_change(alert)} ({percent(alert.drop_percent)})"
    )


def without_blanks(embed: DiscordEmbed) -> Embed:
    """The library's embed as a dict, without the keys that it leaves empty."""
    footer = {key: value for key, value in (embed.footer or {}).items() if value is not None}
    filled = {key: value for key, value in vars(embed).items() if value is not None}
    return {**filled, "footer": footer}
