"""What happens to an event: the words, what each makes untrue, and how it travels to the watches.

| word | what happened | what is not so any more |
|---|---|---|
| `on_sale` | anybody can buy | `off_sale`, `sold_out` |
| `off_sale` | nobody can buy any more | `on_sale`, `back_on_sale`, `few_left`, `presale_began` |
| `presale_announced` | some are to buy before everybody else | |
| `presale_began` | they can buy | |
| `few_left` | few tickets are left | |
| `sold_out` | none are left | `on_sale`, `back_on_sale`, `few_left`, `presale_began` |
| `back_on_sale` | one can buy again | `off_sale`, `sold_out` |
| `rescheduled` | it takes place at another time | `rescheduled`, `postponed`, `cancelled` |
| `postponed` | it does not take place then, and nobody knows when | `rescheduled` |
| `cancelled` | it does not take place | what is above, and `back_on` |
| `back_on` | it takes place after all | `cancelled`, `postponed` |
| `venue_changed`, `name_changed` | it takes place elsewhere, it has another name | the same |
| `no_price`, `priced` | its source names no price any more, it names one | the other one |
| `source_unhealthy`, `source_healthy` | what a source shows may be old, and is not | the other |
| `vanished`, `came_back` | a seat is not offered any more, it is offered again | the other one |

The last two are of a seat, and are found with the prices. Those of a source are no event's: their
subject is the source itself (`source_subject`).
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from conscope_app.alerting.watches.control import Happens, Sent, control_record
from conscope_app.alerting.watches.happening import CAME_BACK, VANISHED
from conscope_app.alerting.watches.local_time import NoSuchZone, zone_of

RESCHEDULED = "rescheduled"
PRESALES = frozenset({"presale_announced", "presale_began"})

# The details that are read here; any other one is kept and shown as it is.
OLD, NEW, NAME, TIME_ZONE, STARTS_AT = "old", "new", "name", "time_zone", "starts_at"
REASON = "reason"

_BUYING = ("on_sale", "back_on_sale", "few_left", "presale_began")
_UNDOES: Mapping[str, tuple[str, ...]] = {
    "on_sale": ("off_sale", "sold_out"),
    "off_sale": _BUYING,
    "presale_announced": (),
    "presale_began": (),
    "few_left": (),
    "sold_out": _BUYING,
    "back_on_sale": ("off_sale", "sold_out"),
    "rescheduled": ("rescheduled", "postponed", "cancelled"),
    "postponed": ("rescheduled",),
    "cancelled": (
        *_BUYING,
        *("off_sale", "presale_announced", "sold_out", "rescheduled", "postponed", "back_on"),
    ),
    "back_on": ("cancelled", "postponed"),
    "venue_changed": ("venue_changed",),
    "name_changed": ("name_changed",),
    "no_price": ("priced",),
    "priced": ("no_price",),
    "source_unhealthy": ("source_healthy",),
    "source_healthy": ("source_unhealthy",),
}

# What a watch may ask for, with what people are told of it.
_WORDS: Mapping[str, str] = {
    "on_sale": "On sale now",
    "off_sale": "No longer on sale",
    "presale_announced": "Presale announced",
    "presale_began": "Presale has begun",
    "few_left": "Few tickets left",
    "sold_out": "Sold out",
    "back_on_sale": "Back on sale",
    "rescheduled": "Moved",
    "postponed": "Postponed",
    "cancelled": "Cancelled",
    "back_on": "Takes place after all",
    "venue_changed": "Another venue",
    "name_changed": "Another name",
    "no_price": "No price any more",
    "priced": "Has a price again",
    "source_unhealthy": "What this source shows may be old",
    "source_healthy": "This source is well again",
    VANISHED: "No longer offered",
    CAME_BACK: "Offered again",
}
HAPPENINGS = tuple(_WORDS)
TO_CHOOSE = tuple(_WORDS.items())

_KEY_LENGTH = 200
_REASON_LENGTH = 500


class NotAHappening(ValueError):
    """Nothing that happens to an event, or not as it is told; the message says why."""


def happening_of(
    event_id: str, source: str, kind: str, observed_at: datetime, details: Mapping[str, str]
) -> Happens:
    """What a source saw happen to an event; raises `NotAHappening`.

    Of `details`, all texts, these are understood: what was so before (`old`) and is so now (`new`),
    which are times of `rescheduled` and of presales; a presale's `name`; `starts_at`, when the
    event begins, and `time_zone`, the venue's. Times are RFC 3339, or days; those without an offset
    are by the venue's clocks.
    """
    if kind not in _UNDOES:
        raise NotAHappening(f"{kind[:100]!r} is nothing that happens to an event")
    if observed_at.tzinfo is None:
        raise NotAHappening("observed_at must say its offset from UTC")
    if not event_id or not source:
        raise NotAHappening("an event and a source have a name each")
    begins = details.get(NEW) if kind == RESCHEDULED else details.get(STARTS_AT)
    return Happens(
        subject=event_id,
        what=kind,
        observed_at=observed_at.astimezone(UTC),
        source=source,
        key=_key_of(kind, details),
        details={name: text for name, text in details.items() if text},
        labels={"source": source},
        undoes=_UNDOES[kind],
        takes_place_at=_moment(begins, details.get(TIME_ZONE)),
    )


def happening_record(
    event_id: str, source: str, kind: str, observed_at: datetime, details: Mapping[str, str]
) -> Sent:
    """The same as a record of `watched_prices`: its key, value and headers.

    It goes to the partition of the event's id, whether anybody watches or not. A version that does
    not know the kind in its header refuses it, as a dead letter. Its moment is when Kafka writes it
    down: whatever was seen before, nobody has been told of it.
    """
    happens = happening_of(event_id, source, kind, observed_at, details)
    return control_record(happens, key=event_id)


def source_subject(source: str) -> str:
    """What watches call a source that they ask about; no vendor's event is called so."""
    return f"source:{source}"


def source_record(
    source: str,
    kind: Literal["source_unhealthy", "source_healthy"],
    since: datetime,
    reason: str,
) -> Sent:
    """How a source is doing, as a record of `watched_prices`; no reason: it is not known."""
    details = {REASON: reason[:_REASON_LENGTH]}
    return happening_record(source_subject(source), source, kind, since, details)


def in_words(what: str, details: Mapping[str, str]) -> str:
    """What happened, for people: `Moved from Sat 3 May 2025 19:30 to Sun 4 May 2025 19:30`."""
    words = _WORDS.get(what) or what.replace("_", " ").capitalize()
    old, new, name = details.get(OLD), details.get(NEW), details.get(NAME)
    if what == RESCHEDULED or what in PRESALES:
        zone = details.get(TIME_ZONE)
        old, new = _shown(old, zone), _shown(new, zone)
    if what == RESCHEDULED:
        if old == new:
            return "Moved to another time"
        return " ".join(filter(None, (words, old and f"from {old}", new and f"to {new}")))
    if what in PRESALES:
        named = f"{words}: {name}" if name else words
        return f"{named}, from {new}" if new else named
    if what in ("venue_changed", "name_changed") and new:
        return f"{words}: {new}, not {old}" if old else f"{words}: {new}"
    if what == "source_unhealthy" and (reason := details.get(REASON)):
        return f"{words}: {reason}"
    return words


def unknown(words: Iterable[str]) -> list[str]:
    """Those by which nothing is called that a watch may ask for."""
    return [each for each in words if each not in _WORDS]


def _key_of(kind: str, details: Mapping[str, str]) -> str:
    """What tells two happenings of a kind apart, in the same words for all sources."""
    told = details.get(NEW)
    if kind in PRESALES:
        told = told or details.get(NAME)
    elif kind not in (RESCHEDULED, "venue_changed", "name_changed"):
        return ""
    moment = _moment(told, details.get(TIME_ZONE))
    return (told or "").strip()[:_KEY_LENGTH] if moment is None else moment.isoformat()


def _moment(told: str | None, zone: str | None) -> datetime | None:
    """A time as a moment, if it is one: a day is none, and neither is a time of an unknown zone."""
    parsed = _parsed(told)
    if not isinstance(parsed, datetime):
        return None
    if parsed.tzinfo is None:
        place = _zone(zone)
        if place is None:
            return None
        parsed = parsed.replace(tzinfo=place)
    return parsed.astimezone(UTC)


def _shown(told: str | None, zone: str | None) -> str:
    """A time by the venue's clocks where they are known; what is no time as it is."""
    parsed = _parsed(told)
    if parsed is None:
        return told or ""
    if not isinstance(parsed, datetime):
        return f"{parsed:%a} {parsed.day} {parsed:%b %Y}"
    place = _zone(zone)
    if parsed.tzinfo is not None and place is not None:
        parsed = parsed.astimezone(place)
    shown = f"{parsed:%a} {parsed.day} {parsed:%b %Y %H:%M}"
    return f"{shown} UTC" if parsed.tzinfo is UTC else shown


def _parsed(told: str | None) -> date | datetime | None:
    if not told:
        return None
    try:
        return date.fromisoformat(told)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(told)
    except (ValueError, OverflowError):
        return None


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else zone_of(name)
    except NoSuchZone:
        return None
