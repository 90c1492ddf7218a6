"""Old tables are put away whole, and new ones begin."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg2
import pytest

from conscope_app.alerting.watches.silences import Silence
from conscope_app.domains.tickets.pricing import LastSeen
from conscope_app.domains.tickets.seat_key import seat_key
from conscope_app.store.archive import archive, archives
from conscope_app.store.engine import Database
from conscope_app.store.migrate import create_database, current, head, upgrade
from conscope_app.store.tickets import translate_processed
from conscope_app.store.tickets.newest import newest_before, newest_of_archive
from conscope_app.store.url import connect_arguments, parse_url
from conscope_app.store.watches import definitions, publishing
from conscope_app.store.watches.silences import get_silence, put_silence
from tests.alerting.watches.stories import a_watch
from tests.store.conftest import drop_database
from tests.store.ledgers import AT, PARTITION, ASlab, Tables, a_ledger, a_processed, a_record

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 11, 22, 4, 30, 15, tzinfo=UTC)
KEY = seat_key("evt-1", "seatgeek", "102", "B", "12")


@pytest.fixture
def url(database_url: str) -> Iterator[str]:
    """A migrated database of the test's own, since schemas outlive a truncation."""
    parsed = parse_url(database_url)
    name = f"{parsed.database}_archive"
    drop_database(database_url, name)
    url = parsed.set(database=name).render_as_string(hide_password=False)
    create_database(url)
    upgrade(url)
    yield url
    drop_database(database_url, name)


async def store(url: str, *prices: dict[str, object]) -> None:
    """Write processed prices of one seat as the sink does, one an offset."""
    database = Database(url)
    ledger = a_ledger(database)
    await ledger.open()
    records = [a_record(a_processed(at, **price), at) for at, price in enumerate(prices)]
    await ledger.write(ASlab(0, len(records)), translate_processed(records))
    await database.close()


def newest(url: str, schema: str) -> dict[bytes, LastSeen]:
    return {key: last for page in newest_of_archive(url, schema) for key, last in page}


async def test_rows_of_every_month_and_the_positions_go_along(url: str) -> None:
    """Nothing stays behind that would mean something else in a new Kafka; the new tables work."""
    await store(url, {"timestamp": AT - timedelta(days=70)}, {}, {"timestamp": AT})

    archived = archive(url, NOW)

    assert archived == ("archive_20261122_043015", 3, 0)
    assert current(url) == head()
    with Tables(url) as tables:
        assert tables.offsets() == []
        assert tables.position() is None
        ((kept,),) = tables.run("SELECT count(*) FROM archive_20261122_043015.price_history")
        assert kept == 3
    await store(url, {})
    with Tables(url) as tables:
        assert tables.offsets() == [0]


async def test_what_people_wish_to_hear_of_stays(url: str) -> None:
    """Watches in their versions, deleted ones too, to be published anew; and silences."""
    await store(url, {})
    database = Database(url)
    await database.run(lambda connection: definitions.put(connection, a_watch("w", name="a")))
    await database.run(lambda connection: definitions.put(connection, a_watch("w", name="b")))
    await database.run(lambda connection: definitions.put(connection, a_watch("gone")))
    await database.run(lambda connection: definitions.delete(connection, "gone"))
    silence = Silence(id="s", ends_at=AT)
    await database.run(lambda connection: put_silence(connection, silence))
    taken = await database.run(lambda connection: publishing.take(connection, "worker"))
    done = [each.published for each in taken]
    await database.run(lambda connection: publishing.note(connection, "worker", done))

    assert archive(url, NOW) is not None

    anew = await database.run(lambda connection: publishing.take(connection, "worker"))
    assert {(each.id, each.version, each.before) for each in anew} == {
        ("w", 2, None),
        ("gone", 2, None),
    }
    assert await database.run(lambda connection: get_silence(connection, "s")) == silence
    await database.close()


async def test_what_people_said_of_pairs_and_what_was_spent_stay(url: str) -> None:
    """A pair that somebody split is not merged again; a day's budget is not given twice."""
    await store(url, {})
    with psycopg2.connect(**connect_arguments(url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO event_match_pairs VALUES ('a', 'b', 'apart', 'me', 'asked', '', 90, %s)",
            (AT,),
        )
        cursor.execute("INSERT INTO source_usage VALUES ('seatgeek', %s, 7)", (AT,))
    connection.close()

    assert archive(url, NOW) is not None

    with psycopg2.connect(**connect_arguments(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT one, other, state, by_whom FROM event_match_pairs")
        assert cursor.fetchall() == [("a", "b", "apart", "me")]
        cursor.execute("SELECT source, requests FROM source_usage")
        assert cursor.fetchall() == [("seatgeek", 7)]
    connection.close()


def test_empty_tables_are_not_put_away(url: str) -> None:
    """Running it again after it was killed leaves one archive."""
    assert archive(url, NOW) is None
    assert archives(url) == []


async def test_the_newest_price_of_a_seat_is_the_last_that_was_not_late(url: str) -> None:
    """With the digits that it came with."""
    await store(
        url,
        {"price": Decimal("100.00"), "timestamp": AT},
        {"price": Decimal("80.50"), "timestamp": AT + timedelta(seconds=5)},
        {"price": Decimal("70.00"), "timestamp": AT, "kind": "late"},
    )
    archived = archive(url, NOW)
    assert archived is not None

    found = newest(url, archived.schema)

    assert found == {KEY: LastSeen(Decimal("80.50"), "USD", AT + timedelta(seconds=5))}
    assert str(found[KEY].price) == "80.50"


async def test_archives_are_listed_oldest_first(url: str) -> None:
    """So that a later one may overrule an earlier one."""
    for days in (0, 1):
        await store(url, {})
        archive(url, NOW + timedelta(days=days))

    assert archives(url) == ["archive_20261122_043015", "archive_20261123_043015"]


async def test_what_a_seat_cost_before_an_offset_is_known_as_well(url: str) -> None:
    """For a table that is rebuilt: what comes from there on is tracked again."""
    await store(
        url,
        {"price": Decimal("100.00"), "timestamp": AT},
        {"price": Decimal("80.00"), "timestamp": AT},
        {"price": Decimal("60.00"), "timestamp": AT},
    )

    found = {key: last for page in newest_before(url, PARTITION, 2) for key, last in page}

    assert found == {KEY: LastSeen(Decimal("80.00"), "USD", AT)}
    assert list(newest_before(url, PARTITION + 1, 2)) == []
