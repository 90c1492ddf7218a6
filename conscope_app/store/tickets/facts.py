"""What people are told of an event and its seats, besides what their watch found."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from conscope_app.alerting.watches.announcement import (
    DATE,
    HAPPENED,
    NAME,
    OFFER,
    URL,
    WHERE,
)
from conscope_app.alerting.watches.entries import Entry
from conscope_app.alerting.watches.happening import Happening
from conscope_app.domains.tickets.happenings import in_words
from conscope_app.domains.tickets.seat_key import Seat, parse_seat_key
from conscope_app.store.engine import Connection

_EVENTS = "SELECT event_id, event_name, venue, event_date FROM events WHERE event_id = ANY(%s)"

# The newest offer of the seat that is not older than a day before the alert: an event has many
# thousand rows, and a link from before that may lead nowhere.
_URLS = """
    SELECT asked.key, newest.listing_url
    FROM unnest(%(keys)s::text[], %(events)s::text[], %(sources)s::text[], %(sections)s::text[],
        %(rows)s::text[], %(seats)s::text[], %(listings)s::text[], %(since)s::timestamptz[])
        AS asked (key, event_id, source, section, "row", seat, listing, since)
    CROSS JOIN LATERAL (
        SELECT listing_url FROM price_history h
        WHERE h.event_id = asked.event_id AND h.observed_at >= asked.since - interval '1 day'
            AND h.source = asked.source AND h.section = asked.section AND h."row" = asked."row"
            AND h.seat = asked.seat AND asked.listing IN ('', h.listing_id)
        ORDER BY h.observed_at DESC LIMIT 1
    ) AS newest
    WHERE newest.listing_url IS NOT NULL
"""

_NAMED_SEATS = 8


def facts_of(connection: Connection, entries: Sequence[Entry]) -> dict[str, dict[str, str]]:
    """The facts of each episode, by its id; what is not known is left out."""
    events = _events(connection, {entry.subject for entry in entries})
    urls = _urls(connection, entries)
    return {
        entry.episode: {
            **events.get(entry.subject, {}),
            **_of(OFFER, offer_of(entry)),
            **_of(HAPPENED, happened_in_words(entry.happening)),
            **_of(URL, urls.get(entry.episode)),
        }
        for entry in entries
    }


def happened_in_words(happening: Happening | None) -> str:
    """What happened, for people; empty where nothing did."""
    return "" if happening is None else in_words(happening.what, happening.details)


def offer_of(entry: Entry) -> str:
    """Section, row and seats in words: `102 Row B Seats 12, 13`, with what is known."""
    seats = [*_seats(entry.items)]
    if not seats:
        return ""
    first = seats[0]
    parts = [first.section]
    if first.row.strip():
        parts.append(f"Row {first.row}")
    numbers = [seat.seat for seat in seats if seat.seat.strip()]
    if numbers:
        more = len(numbers) - _NAMED_SEATS
        named = ", ".join(numbers[:_NAMED_SEATS]) + (f" and {more} more" if more > 0 else "")
        parts.append(f"{'Seat' if len(numbers) == 1 else 'Seats'} {named}")
    return " ".join(parts)


def _events(connection: Connection, subjects: Iterable[str]) -> dict[str, dict[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, (list(subjects),))
        return {
            event_id: {**_of(NAME, name), **_of(WHERE, venue), **_of(DATE, date)}
            for event_id, name, venue, date in cursor.fetchall()
        }


def _urls(connection: Connection, entries: Iterable[Entry]) -> dict[str, str]:
    asked = [
        (entry.episode, *seat, entry.raised_at)
        for entry in entries
        for seat in [*_seats(entry.items[:1])]
    ]
    if not asked:
        return {}
    names = ("keys", "events", "sources", "sections", "rows", "seats", "listings", "since")
    values = dict(zip(names, map(list, zip(*asked, strict=True)), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_URLS, values)
        return dict(cursor.fetchall())


def _seats(items: Iterable[str]) -> Iterable[Seat]:
    for item in items:
        try:
            yield parse_seat_key(item.encode())
        except (msgspec.MsgspecError, UnicodeError):
            continue  # an item of another domain: nothing is known of it here


def _of(name: str, value: str | None) -> Mapping[str, str]:
    return {name: value} if value else {}
