"""What people are told of an event and its seats."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from conscope_app.alerting.watches.entries import Entry
from conscope_app.alerting.watches.happening import Happening
from conscope_app.domains.tickets.seat_key import seat_key
from conscope_app.store.engine import Database
from conscope_app.store.tickets import translate_processed
from conscope_app.store.tickets.facts import facts_of, offer_of
from tests.store.ledgers import AT, ASlab, a_ledger, a_processed, a_record

LISTING = "https://tickets.example.com/listing/7"


def an_entry(*seats: str, row: str = "B", episode: str = "e1", subject: str = "evt-1") -> Entry:
    items = tuple(seat_key(subject, "seatgeek", "102", row, seat).decode() for seat in seats)
    return Entry(
        episode=episode,
        watch_id="w",
        subject=subject,
        items=items,
        labels={},
        currency="USD",
        basis="all_in",
        raised_at=AT,
        raised_price=None,
        price=None,
        reason="",
        changed_at=AT,
    )


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        pytest.param(an_entry("12"), "102 Row B Seat 12", id="one seat"),
        pytest.param(an_entry("12", "13"), "102 Row B Seats 12, 13", id="two together"),
        pytest.param(an_entry("", row=" "), "102", id="a section"),
        pytest.param(
            an_entry(*(str(seat) for seat in range(1, 12))),
            "102 Row B Seats 1, 2, 3, 4, 5, 6, 7, 8 and 3 more",
            id="many",
        ),
        pytest.param(an_entry(), "", id="none"),
    ],
)
def test_an_offer_in_words(entry: Entry, words: str) -> None:
    """As the other alerts say it."""
    assert offer_of(entry) == words


@pytest.mark.postgres
async def test_what_happened_is_a_fact(database: Database) -> None:
    happening = Happening(what="few_left", observed_at=AT)
    told = msgspec.structs.replace(an_entry(), happening=happening)

    found = await database.run(
        lambda connection: facts_of(connection, [told, an_entry(episode="e2")])
    )

    assert found == {"e1": {"happened": "Few tickets left"}, "e2": {}}


def test_an_item_of_another_domain_has_no_words() -> None:
    entry = an_entry()
    other = msgspec.structs.replace(entry, items=("a seat", '["of", "two"]'))

    assert offer_of(other) == ""


async def stored(database: Database, **fields: Any) -> None:
    """A price in the history, and its event."""
    ledger = a_ledger(database)
    start = await ledger.open() or 0
    record = a_record(a_processed(start, **fields), start)
    await ledger.write(ASlab(start, start + 1), translate_processed([record]))


@pytest.mark.postgres
async def test_event_offer_and_link(database: Database) -> None:
    """The newest link of the first seat, of those that are not much older than the alert."""
    await stored(database, listing_url="https://old.example.com", timestamp=AT - timedelta(hours=3))
    await stored(database, listing_url=LISTING, timestamp=AT - timedelta(hours=1))
    await stored(database, listing_url="https://other.example.com", seat="13")
    facts = await database.run(lambda on: facts_of(on, [an_entry("12", "13")]))

    assert facts == {
        "e1": {
            "name": "Radiohead",
            "where": "Madison Square Garden",
            "date": "2026-12-24",
            "offer": "102 Row B Seats 12, 13",
            "url": LISTING,
        }
    }


@pytest.mark.postgres
async def test_what_is_not_known_is_left_out(database: Database) -> None:
    """No event yet, no link, or one from long ago."""
    await stored(database, listing_url=LISTING, timestamp=AT - timedelta(days=2))
    entries = [an_entry("12"), an_entry("12", episode="e2", subject="unknown"), an_entry()]
    facts = await database.run(lambda on: facts_of(on, entries[:2]))

    assert "url" not in facts["e1"]
    assert facts["e2"] == {"offer": "102 Row B Seat 12"}
    assert await database.run(lambda on: facts_of(on, entries[2:])) == {
        "e1": {
            "name": "Radiohead",
            "where": "Madison Square Garden",
            "date": "2026-12-24",
        }
    }
