"""Definitions: under one id, in versions that only grow."""

import asyncio
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from conscope_app.alerting.watches.watch import Watch
from conscope_app.store.engine import Connection, Database
from conscope_app.store.watches import definitions
from conscope_app.store.watches.definitions import Put, VersionMismatch
from tests.alerting.watches.stories import a_watch
from tests.alerting.watches.wishes import KINDS
from tests.store.ledgers import Tables

pytestmark = pytest.mark.postgres


async def put(database: Database, watch: Watch, **options: Any) -> Put:
    """In a transaction of its own."""
    return await database.run(partial(definitions.put, watch=watch, **options))


async def delete(database: Database, watch_id: str, **options: Any) -> bool:
    """In a transaction of its own."""
    return await database.run(partial(definitions.delete, watch_id=watch_id, **options))


async def version(database: Database, watch_id: str = "w") -> int | None:
    """In which version a watch is kept."""
    stored = await database.run(partial(definitions.get, watch_id=watch_id))
    return None if stored is None else stored.watch.version


@pytest.mark.parametrize("kind", KINDS)
async def test_every_definition_is_read_back_as_it_was_put(database: Database, kind: str) -> None:
    """Amounts with their digits, moments with their offset."""
    watch = a_watch(**KINDS[kind])
    await put(database, watch)

    stored = await database.run(partial(definitions.get, watch_id="w"))

    assert stored is not None
    assert stored.watch == watch
    assert not stored.is_published


async def test_a_changed_definition_is_a_new_version(database: Database) -> None:
    """The same one is not; what a definition says of its version counts for nothing."""
    first = await put(database, a_watch(version=7))
    same = await put(database, a_watch(version=9))
    changed = await put(database, a_watch(name="Cheap"))

    assert (first.is_new, first.is_changed, first.watch.version) == (True, True, 1)
    assert (same.is_new, same.is_changed, same.watch.version) == (False, False, 1)
    assert (changed.is_new, changed.is_changed, changed.watch.version) == (False, True, 2)
    assert await version(database) == 2


async def test_digits_make_no_other_definition(database: Database) -> None:
    """100 and 100.00 are one amount: nobody is told that the watch was changed."""
    await put(database, a_watch(when={"target": {"at_most": Decimal(100)}}))
    again = await put(database, a_watch(when={"target": {"at_most": Decimal("100.00")}}))

    assert not again.is_changed


@pytest.mark.parametrize(
    ("kept", "expected", "found"),
    [
        pytest.param(2, 1, 2, id="changed meanwhile"),
        pytest.param(1, 2, 1, id="not there yet"),
        pytest.param(1, 0, 1, id="made meanwhile"),
        pytest.param(0, 1, None, id="never made"),
    ],
)
async def test_another_version_than_expected_is_left_alone(
    database: Database, kept: int, expected: int, found: int | None
) -> None:
    """Changing and deleting: what somebody else did in between is not undone unseen."""
    for number in range(kept):
        await put(database, a_watch(name=f"{number}"))

    with pytest.raises(VersionMismatch) as changing:
        await put(database, a_watch(name="mine"), expected=expected)
    with pytest.raises(VersionMismatch) as deleting:
        await delete(database, "w", expected=expected)

    assert changing.value.found == found
    assert deleting.value.found == found
    assert await version(database) == (kept or None)


async def test_the_expected_version_is_changed(database: Database) -> None:
    """0: it is to be made."""
    assert (await put(database, a_watch(), expected=0)).watch.version == 1
    assert (await put(database, a_watch(name="b"), expected=1)).watch.version == 2
    assert await delete(database, "w", expected=2)


async def test_of_many_who_expect_one_version_one_changes_it(database: Database) -> None:
    """Whoever comes second learns that they did."""
    await put(database, a_watch())

    ended = await asyncio.gather(
        *(put(database, a_watch(name=f"{number}"), expected=1) for number in range(8)),
        return_exceptions=True,
    )

    done = [each for each in ended if isinstance(each, Put)]
    assert [each.watch.version for each in done] == [2]
    assert sum(isinstance(each, VersionMismatch) for each in ended) == 7


async def test_of_many_who_make_one_watch_all_are_kept_in_some_order(database: Database) -> None:
    """Without an expectation the last one stands, and versions count every change."""
    made = await asyncio.gather(*(put(database, a_watch(name=f"{number}")) for number in range(8)))

    assert sorted(each.watch.version for each in made) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert sum(each.is_new for each in made) == 1


async def test_a_deleted_watch_is_known_by_its_last_definition(database: Database) -> None:
    """Whoever tells that its alerts are over needs it; nobody else sees it."""
    await put(database, a_watch(name="Cheap"))

    assert await delete(database, "w")
    assert not await delete(database, "w")

    def read(connection: Connection) -> tuple[Any, ...]:
        return (
            definitions.get(connection, "w"),
            definitions.list_watches(connection),
            definitions.ids(connection),
            definitions.last_definitions(connection, ["w", "x"]),
        )

    got, listed, ids, last = await database.run(read)
    assert (got, listed, ids) == (None, [], [])
    assert [*last] == ["w"]
    assert (last["w"].name, last["w"].version) == ("Cheap", 2)


async def test_a_watch_that_is_made_anew_goes_on_counting(
    database: Database, tables: Tables
) -> None:
    """An older version never comes after a newer one, whatever happened in between."""
    await put(database, a_watch())
    await delete(database, "w")
    tables.run("UPDATE watches SET made_at = 'yesterday'")

    again = await put(database, a_watch(), expected=0)

    assert (again.is_new, again.is_changed, again.watch.version) == (True, True, 3)
    assert tables.run("SELECT id FROM watches WHERE made_at > 'today'") == [("w",)]


async def test_watches_are_listed_in_pages_and_by_subject(database: Database) -> None:
    """A watch about everything is about this subject too."""
    for watch_id, subjects in (("a", ["x"]), ("b", []), ("c", ["y", "x"]), ("d", ["y"])):
        await put(database, a_watch(watch_id, what={"subjects": subjects}))

    async def listed(**options: Any) -> list[str]:
        read = partial(definitions.list_watches, **options)
        return [stored.watch.id for stored in await database.run(read)]

    assert await listed() == ["a", "b", "c", "d"]
    assert await listed(limit=2) == ["a", "b"]
    assert await listed(limit=2, after="b") == ["c", "d"]
    assert await listed(after="d") == []
    assert await listed(subject="x") == ["a", "b", "c"]
    assert await database.run(definitions.ids) == ["a", "b", "c", "d"]
