"""What an announcement looks like in Discord, within Discord's limits."""

from collections.abc import Sequence

from discord_webhook import DiscordEmbed

from conscope_app.alerting.watches.announcement import URL, Announcement, Line
from conscope_app.alerting.watches.watch import Severity
from conscope_app.notify.announcement_wording import (
    MANY,
    NEWS,
    OVER,
    PRICES,
    SYMBOLS,
    WHY,
    Detail,
    details,
    name_of,
    reason,
    summary,
)
from conscope_app.notify.discord_embeds import LIMITS, Embed, weigh, without_blanks
from conscope_app.notify.listing_url import own_url
from conscope_app.notify.markdown import escape
from conscope_app.notify.wording import BRAND

COLOURS: dict[Severity, int] = {"info": 0x00FF00, "warning": 0xFFA500, "critical": 0xFF0000}
GREY = 0x808080

# How long each text may be: the first that lets all embeds of a message stay under Discord's 6,000
# characters. The last always does: at 30 an embed has 510 at most, with all that stands around.
_TEXT_LIMITS = (240, 120, 60, 30)
_PRICE = 60
_WORD = 20
_EPISODE = 40

_INLINE = frozenset({*PRICES, "Venue", "Date", "Watch"})
_BOLD = frozenset({PRICES[0], NEWS})
_MOST_FIELDS = 7

_MORE_LINES = 5
_MORE_LINE = 120
_ROOM_FOR_MORE = 900


def embeds_of(announcement: Announcement) -> list[Embed]:
    """An embed for each episode; of more than ten, nine, and one that counts the others."""
    lines = announcement.lines
    if len(lines) <= LIMITS.alerts:
        return _fitting(lines, announcement.severity, LIMITS.characters)
    # What is over already matters least.
    by_need = sorted(lines, key=lambda line: line.over)
    shown, others = by_need[: LIMITS.alerts - 1], by_need[LIMITS.alerts - 1 :]
    room = LIMITS.characters - _ROOM_FOR_MORE
    return [*_fitting(shown, announcement.severity, room), _more_embed(others, announcement)]


def _fitting(lines: Sequence[Line], severity: Severity, room: int) -> list[Embed]:
    embeds: list[Embed] = []
    for limit in _TEXT_LIMITS:
        embeds = [_line_embed(line, severity, limit) for line in lines]
        if sum(map(weigh, embeds)) <= room:
            break
    return embeds


def _line_embed(line: Line, severity: Severity, limit: int) -> Embed:
    """One episode. Its `url` is its own, since Discord drops embeds that share theirs."""
    symbol = OVER if line.over else SYMBOLS[severity]
    name = escape(name_of(line), limit)
    embed = DiscordEmbed(
        title=f"{symbol} Over: {name}" if line.over else f"{symbol} {name}",
        description=escape(reason(line), 2 * limit),
        color=GREY if line.over else COLOURS[severity],
        fields=[],  # the library's default list is shared by every embed
    )
    for word, value in _fields(line):
        text = escape(value, max(limit, _PRICE) if word in PRICES else limit)
        bold = f"**{text}**" if word in _BOLD else text
        embed.add_embed_field(escape(word, _WORD), bold, inline=word in _INLINE)
    embed.set_footer(f"{BRAND} · {line.episode[:_EPISODE]}")
    if line.raised_at is not None:
        embed.set_timestamp(line.raised_at.isoformat())
    url = own_url(line.facts.get(URL), line.episode)
    if url is not None:
        embed.set_url(url)
    return without_blanks(embed)


def _fields(line: Line) -> list[Detail]:
    return [each for each in details(line) if each[0] != WHY][:_MOST_FIELDS]


def _more_embed(lines: Sequence[Line], announcement: Announcement) -> Embed:
    """The episodes that are only counted, the first few of them named."""
    named = [escape(summary(line), _MORE_LINE) for line in lines[:_MORE_LINES]]
    if len(lines) > len(named):
        named.append(f"and {len(lines) - len(named):,} more")
    embed = DiscordEmbed(
        title=f"{MANY} {len(lines):,} more alerts",
        description="\n".join(named),
        color=COLOURS[announcement.severity],
        fields=[],
    )
    first, last = (line.episode[:_EPISODE] for line in (lines[0], lines[-1]))
    embed.set_footer(f"{BRAND} · {first} … {last}")
    return without_blanks(embed)
