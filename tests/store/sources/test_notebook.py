"""What a poller notes is what the next one begins with, and only its holder notes anything."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from conscope_app.poll_notebook import PostgresNotebook
from conscope_app.sources.polling.breaker import Breaker
from conscope_app.sources.polling.budget import hour_of
from conscope_app.sources.polling.events import EventState
from conscope_app.sources.polling.plan import Plan
from conscope_app.sources.polling.turns import Asking, Memory, Rest
from conscope_app.store.engine import Database
from conscope_app.store.sources import leases
from conscope_app.store.sources.leases import LeaseLost
from tests.sources.polling.adapters import NOON, Item, SmallAdapter, an_answer
from tests.store.ledgers import Tables

pytestmark = pytest.mark.postgres

ME, OTHER = "worker-1", "worker-2"
SOON = NOON + timedelta(hours=2)


async def take(database: Database, holder: str, **options: float) -> bool:
    """Lease the source, if it is free."""
    return await database.run(partial(leases.take, source="small", holder=holder, **options))


def a_notebook(database: Database, holder: str = ME, key: str = "k1") -> PostgresNotebook:
    """The notebook of a poller."""
    return PostgresNotebook(
        database, SmallAdapter(), holder=holder, fingerprint=key, clock=lambda: NOON
    )


def a_plan(memory: Memory, now: datetime = NOON) -> Plan:
    """The plan of a poller that remembers this."""
    return Plan(SmallAdapter(), memory, random=lambda: 0.5, now=now)


def asked(plan: Plan) -> Iterator[tuple[Asking, datetime]]:
    """What it asks, one after the other."""
    now = NOON
    while True:
        asking = plan.next(now)
        if isinstance(asking, Rest):
            now = asking.until
        else:
            yield asking, now


async def test_one_polls_a_source_at_a_time(database: Database) -> None:
    """Until its lease is given back, or has run out."""
    assert await take(database, ME)
    assert await take(database, ME)
    assert not await take(database, OTHER)

    await database.run(partial(leases.give_back, sources=["small"], holder=ME))
    assert await take(database, OTHER, lease_s=-1)
    assert await take(database, ME)


async def test_who_has_lost_the_lease_counts_and_notes_nothing(
    database: Database, tables: Tables
) -> None:
    """A worker that stood still wakes up, and another polls by then."""
    await take(database, OTHER)
    notebook = a_notebook(database)
    plan = a_plan(Memory())

    with pytest.raises(LeaseLost):
        await notebook.spend(hour_of(NOON), 1)
    with pytest.raises(LeaseLost):
        await notebook.note(None, plan, plan.health(NOON))

    assert tables.run("SELECT count(*) FROM source_usage") == [(0,)]
    assert tables.run("SELECT health FROM sources") == [(None,)]


async def test_what_was_noted_is_remembered(database: Database) -> None:
    """Events, spans, ETags, what was spent, the breaker, and when it last answered."""
    await take(database, ME)
    notebook = a_notebook(database)
    plan = a_plan(Memory(events=[EventState("e", starts_at=SOON)]))
    for number, (asking, now) in enumerate(asked(plan)):
        hour, count = plan.spend(asking, now)
        await notebook.spend(hour, count)
        item = Item("e", SOON)
        answer = an_answer(*[item] * (number == 0), at=now, etag=f'"{number}"')
        changes = plan.hear(asking, answer)
        await notebook.note(changes, plan, plan.health(now))
        if changes.span is not None:
            break

    memory = await notebook.memory()

    assert list(memory.events) == [plan.timetable.events["e"]]
    assert memory.used == {hour: count}
    assert [(each.begin, each.walked_at) for each in memory.spans] == [
        (changes.span.begin, changes.span.walked_at)
    ]
    assert set(memory.validators.values()) == set(plan._requests._validators.values())
    assert memory.breaker == Breaker()
    assert memory.answered_at == now


async def test_a_request_that_was_refused_is_remembered_for_good(database: Database) -> None:
    """And so is the event that it was about."""
    await take(database, ME)
    notebook = a_notebook(database)
    plan = a_plan(Memory(events=[EventState("e", starts_at=SOON)]))
    asking, now = next(asked(plan))
    changes = plan.hear(asking, an_answer(status=404, at=now))
    await notebook.note(changes, plan, plan.health(now))

    memory = await notebook.memory()

    assert list(memory.refused) == [changes.refused]
    assert [each.standing for each in memory.events] == ["gone"]


async def test_a_key_is_barred_and_the_next_one_is_not(database: Database) -> None:
    """What counts is the key's fingerprint."""
    await take(database, ME)
    plan = a_plan(Memory(events=[EventState("e", starts_at=SOON)]))
    asking, now = next(asked(plan))
    changes = plan.hear(asking, an_answer(status=401, at=now))
    await a_notebook(database).note(changes, plan, plan.health(now))

    assert (await a_notebook(database).memory()).barred == "the key was answered with 401"
    assert (await a_notebook(database, key="k2").memory()).barred is None


async def test_what_is_spent_is_never_counted_down(database: Database, tables: Tables) -> None:
    """Whatever a poller believes that it had spent."""
    await take(database, ME)
    hour = hour_of(NOON)
    for count in (7, 1, 2):
        await a_notebook(database).spend(hour, count)

    assert tables.run("SELECT requests FROM source_usage") == [(9,)]


async def test_health_says_since_when(database: Database, tables: Tables) -> None:
    """Since it became so, and not since it was last noted."""
    await take(database, ME)
    plan = a_plan(Memory())
    for at in (NOON, NOON + timedelta(minutes=1)):
        notebook = PostgresNotebook(
            database,
            SmallAdapter(),
            holder=ME,
            fingerprint="k1",
            clock=lambda at=at: at,  # type: ignore[misc]  # bound now
        )
        await notebook.note(None, plan, plan.health(at))

    row = tables.run("SELECT health, health_reason, health_since FROM sources")[0]
    assert row == ("late", "it has not answered yet", NOON)


async def test_what_is_over_is_forgotten(database: Database, tables: Tables) -> None:
    """Events of long ago would be read at each start; what was spent is kept for the pages."""
    await take(database, ME)
    tables.run(
        "INSERT INTO source_events (source, event_id, starts_at) VALUES ('small', 'old', %s)"
        " RETURNING 1",
        NOON - timedelta(days=2),
    )
    tables.run(
        "INSERT INTO source_usage VALUES ('small', %s, 5) RETURNING 1",
        datetime(2026, 1, 1, tzinfo=UTC),
    )

    memory = await a_notebook(database).memory()

    assert (list(memory.events), memory.used) == ([], {})
    assert tables.run("SELECT count(*) FROM source_usage") == [(1,)]


async def test_events_that_somebody_watches_are_known(database: Database, tables: Tables) -> None:
    """Of watches that are still there."""
    tables.run(
        "INSERT INTO watches (id, version, definition, subjects, deleted_at) VALUES"
        " ('a', 1, '{}', '{x,y}', NULL), ('b', 1, '{}', '{z}', now()), ('c', 1, '{}', '{}', NULL)"
        " RETURNING 1"
    )

    assert await a_notebook(database).watched() == {"x", "y"}
