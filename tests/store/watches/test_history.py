"""The history, as watches are told it."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from conscope_app.alerting.watches.signals import Gone, Priced
from conscope_app.domains.tickets.records import encode
from conscope_app.domains.tickets.watched import read_signal
from conscope_app.store.engine import Connection, Database
from conscope_app.store.watches.history import (
    Described,
    Span,
    describe,
    newest_prices,
    newest_signals,
    prices_by_subject,
    prices_in_order,
)
from tests.store.ledgers import AT
from tests.store.watches.stored_prices import MINUTE, History

pytestmark = pytest.mark.postgres

DAY = timedelta(days=1)
ALL = Span(None, AT - DAY, AT + DAY)


async def read(database: Database, span: Span, first_place: int = 0) -> list[Priced | Gone]:
    """Every price of the span."""

    def prices(connection: Connection) -> list[Priced | Gone]:
        return [*prices_in_order(connection, span, first_place=first_place)]

    return await database.run(prices)


def amounts(signals: list[Priced | Gone]) -> list[str]:
    """What they cost, and a cross where there is nothing left."""
    return [
        str(signal.prices["all_in"]) if isinstance(signal, Priced) else "x" for signal in signals
    ]


async def test_the_history_tells_what_the_records_told(database: Database) -> None:
    """The same signals as from the records themselves, in their order."""
    history = History().prices([100, 90, 80], seat="12-13", quantity=2, delivery_method="email")
    history.price(70, quantity=0)
    await history.store(database)

    told = await read(database, ALL, first_place=7)

    assert told == [
        read_signal(encode(price), place=place, recorded_at=at)
        for place, (price, at) in enumerate(history.records, 7)
    ]
    assert amounts(told) == ["100", "90", "80", "x"]


async def test_a_span_has_its_first_moment_and_not_its_last(database: Database) -> None:
    """Spans that follow each other have every price once."""
    await History().prices([100, 90, 80]).store(database)

    assert amounts(await read(database, Span(None, AT, AT + 2 * MINUTE))) == ["100", "90"]
    assert amounts(await read(database, Span(None, AT + 2 * MINUTE, AT + DAY))) == ["80"]


async def test_only_what_is_asked_for_is_read(database: Database) -> None:
    """By the ids of the events."""
    await History().price(100, event_id="x").price(90, event_id="y").store(database)

    assert amounts(await read(database, ALL._replace(subjects=("y", "z")))) == ["90"]
    assert amounts(await read(database, ALL._replace(subjects=()))) == []


async def test_an_imported_history_can_be_told_by_its_own_clock(database: Database) -> None:
    """As if each price had been recorded when it was observed."""
    history = History()
    for days, amount in ((1, 100), (3, 80), (2, 90)):
        history.price(amount, timestamp=AT - days * DAY)
    await history.store(database)

    recorded = await read(database, ALL)
    observed = await read(database, Span(None, AT - 4 * DAY, AT, "observed"))

    assert amounts(recorded) == ["100", "80", "90"]
    assert amounts(observed) == ["80", "90", "100"]
    assert [signal.recorded_at for signal in observed] == [AT - days * DAY for days in (3, 2, 1)]


async def test_subjects_can_be_told_one_after_the_other(database: Database) -> None:
    """Each in its order."""
    history = History()
    for amount, event_id in ((100, "y"), (90, "x"), (80, "y")):
        history.price(amount, event_id=event_id)
    await history.store(database)

    def grouped(connection: Connection) -> dict[str, list[str]]:
        return {
            subject: amounts([*signals]) for subject, signals in prices_by_subject(connection, ALL)
        }

    assert await database.run(grouped) == {"x": ["90"], "y": ["100", "80"]}


async def test_the_newest_price_of_each_seat(database: Database) -> None:
    """Not one that was late; oldest first; what is gone is gone."""
    history = History().price(100, "1").price(70, "2").price(90, "1").price(95, "1", kind="late")
    history.price(60, "3").price(60, "3", quantity=0)
    await history.store(database)

    told = await database.run(partial(newest_signals, span=ALL, first_place=5))
    before = await database.run(partial(newest_signals, span=ALL._replace(until=AT + 2 * MINUTE)))

    assert amounts(told) == ["70", "90", "x"]
    assert [signal.place for signal in told] == [5, 6, 7]
    assert amounts(before) == ["100", "70"]


async def test_the_newest_price_as_it_was_published(database: Database) -> None:
    """Field by field, with its id; the event is described as it is now."""
    history = History().price(
        100,
        fees=Decimal("3.50"),
        listing_id="l-1",
        listing_url="https://example.org/1",
        quantity=2,
        delivery_method="mail",
        seller_notes="aisle",
    )
    history.price(90, "2", event_name="Radiohead, moved")
    await history.store(database)

    (first, second) = await database.run(lambda connection: [*newest_prices(connection, ALL)])

    published, at = history.records[0]
    published.event_name = "Radiohead, moved"
    assert first == (published, at)
    assert second == history.records[1]


async def test_events_are_described(database: Database) -> None:
    """Those that are known."""
    await History().price(100).store(database)

    known = await database.run(partial(describe, subjects=["evt-1", "evt-2"]))

    assert known == {"evt-1": Described("Radiohead", "Madison Square Garden", "2026-12-24")}


@pytest.mark.parametrize("by", ["recorded_at", "observed_at"])
async def test_a_span_is_found_without_reading_all_months(database: Database, by: str) -> None:
    """Both times have an index that fits into memory."""

    def indexes(connection: Connection) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexdef FROM pg_indexes WHERE tablename = 'price_history'"
                " AND indexdef LIKE '%%USING brin%%'"
            )
            return [definition for (definition,) in cursor.fetchall()]

    assert any(f"({by})" in each for each in await database.run(indexes))
