"""What people read of an announcement, the same in every channel. Each escapes it by its own rules.

All but the plain text is on one line, without characters that nobody can see.
"""

from collections.abc import Iterator

from conscope_app.alerting.watches.announcement import (
    DATE,
    HAPPENED,
    NAME,
    OFFER,
    URL,
    WHERE,
    Announcement,
    Line,
)
from conscope_app.alerting.watches.watch import Severity
from conscope_app.notify.listing_url import linkable
from conscope_app.notify.wording import BRAND, UNKNOWN, amount, plain

SYMBOLS: dict[Severity, str] = {"info": "🔔", "warning": "⚠️", "critical": "🚨"}
OVER = "✅"
MANY = "📦"

# Words that details are shown under, where a channel treats some of them in its own way.
PRICES = ("Price", "Last price")
NEWS = "What"
WHY = "Why"

_KNOWN = frozenset({HAPPENED, NAME, OFFER, WHERE, DATE, URL})

Detail = tuple[str, str]


def headline(announcement: Announcement) -> str:
    """The message in a few words: what a phone shows of it."""
    lines = announcement.lines
    names = dict.fromkeys(name_of(line) for line in lines)
    if len(lines) > 1:
        told = f"{len(lines):,} alerts"
        if len(names) == 1:
            told = f"{next(iter(names))}: {told}"
    else:
        told = ": ".join(filter(None, (next(iter(names), UNKNOWN), gist(lines[0]))))
    if all(line.over for line in lines):
        return f"{OVER} Over: {told}"
    if announcement.kind == "digest":
        return f"{MANY} {told}"
    return f"{SYMBOLS[announcement.severity]} {told}"


def name_of(line: Line) -> str:
    """What the subject is called."""
    return plain(line.facts.get(NAME) or line.subject)


def offer(line: Line) -> str | None:
    """Which of its items, in words; what happened to the subject as a whole is of none."""
    if line.happening is not None and not line.items:
        return None
    words = line.facts.get(OFFER) or " ".join(filter(None, line.labels.values()))
    return plain(words) if words.strip() else None


def price(line: Line) -> str | None:
    """What it costs, and what it cost when the alert was raised, where that is something else."""
    if line.price is None:
        return None
    shown = amount(line.price, line.currency)
    if line.was is not None and line.was != line.price:
        shown = f"{amount(line.was, line.currency)} → {shown}"
    basis = plain(line.basis.replace("_", " "))
    return shown if basis == UNKNOWN else f"{shown} ({basis})"


def happened(line: Line) -> str | None:
    """What happened, in words, where it is about that."""
    if line.happening is None:
        return None
    return plain(line.facts.get(HAPPENED) or line.happening.what.replace("_", " "))


def gist(line: Line) -> str | None:
    """What happened, or else what it costs."""
    return happened(line) or price(line)


def reason(line: Line) -> str:
    """Why it is told, or why it is over, in one sentence."""
    return plain(line.reason)


def details(line: Line) -> Iterator[Detail]:
    """What there is to know of it besides its name, each under a word for it."""
    named = (
        (NEWS, happened(line)),
        ("Offer", offer(line)),
        (PRICES[line.over or line.happening is not None], price(line)),
        ("Venue", line.facts.get(WHERE)),
        ("Date", line.facts.get(DATE)),
        (WHY, line.reason),
        ("Watch", line.watch_name or line.watch_id),
    )
    for word, value in named:
        if value is not None and value.strip():
            yield word, plain(value)
    for key, value in line.facts.items():
        if key not in _KNOWN and value.strip():
            yield plain(key).capitalize(), plain(value)


def summary(line: Line) -> str:
    """All that matters of it on one line."""
    parts = filter(None, (name_of(line), happened(line), offer(line), price(line), reason(line)))
    return f"{f'{OVER} Over: ' if line.over else ''}{' · '.join(parts)}"


def title(line: Line, announcement: Announcement) -> str:
    """The name, under a sign for how urgent it is."""
    return f"{f'{OVER} Over:' if line.over else SYMBOLS[announcement.severity]} {name_of(line)}"


def plain_text(announcement: Announcement, *, most: int) -> str:
    """The message as a plain text: so many episodes in full, the others counted."""
    parts = []
    for line in announcement.lines[:most]:
        rows = [title(line, announcement), *(f"  {word}: {value}" for word, value in details(line))]
        url = linkable(line.facts.get(URL))
        parts.append("\n".join([*rows, f"  {url}"] if url else rows))
    more = len(announcement.lines) - most
    if more > 0:
        parts.append(f"And {more:,} more.")
    return "\n\n".join([*parts, f"-- \n{footer(announcement)}\n"])


def footer(announcement: Announcement) -> str:
    """Who says so, and the id by which a repetition can be told."""
    return f"{BRAND} · {announcement.message}"
