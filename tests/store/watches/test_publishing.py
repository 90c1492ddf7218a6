"""Publishing: every version is taken, by one at a time, until somebody notes that it is out."""

from collections.abc import Collection
from functools import partial
from typing import Any

import pytest

from conscope_app.alerting.watches.watch import Watch
from conscope_app.store.engine import Database
from conscope_app.store.watches import definitions, publishing
from conscope_app.store.watches.publishing import Published, Unpublished
from tests.alerting.watches.stories import a_watch
from tests.store.ledgers import Tables

pytestmark = pytest.mark.postgres

ME, OTHER = "worker-1", "worker-2"


async def put(database: Database, watch_id: str, *subjects: str, **parts: Any) -> Watch:
    """Keep a watch about these subjects, or all."""
    watch = a_watch(watch_id, what={"subjects": list(subjects)}, **parts)
    return (await database.run(partial(definitions.put, watch=watch))).watch


async def delete(database: Database, watch_id: str) -> None:
    """Delete a watch."""
    await database.run(partial(definitions.delete, watch_id=watch_id))


async def take(database: Database, holder: str = ME, **options: Any) -> list[Unpublished]:
    """What is given to one who publishes."""
    return await database.run(partial(publishing.take, holder=holder, **options))


async def publish(database: Database, holder: str = ME) -> None:
    """Take everything that is to be published, and note it."""
    taken = [each.published for each in await take(database, holder)]
    await database.run(partial(publishing.note, holder=holder, published=taken))


async def not_watched(database: Database, subjects: Collection[str]) -> list[str]:
    """Those that no published watch is about."""
    return await database.run(partial(publishing.not_watched, subjects=subjects))


async def test_a_new_watch_is_taken_once(database: Database) -> None:
    """By the one who came first; it says what workers know of it: nothing."""
    watch = await put(database, "w", "x")

    taken = await take(database)

    assert taken == [Unpublished("w", 1, watch, None)]
    assert taken[0].published == Published("w", 1, ("x",))
    assert await take(database, OTHER) == []


async def test_what_asks_for_no_price_has_none_forwarded(database: Database) -> None:
    """It is published, and its subjects are watched by nobody."""
    await put(database, "w", "x", when={"happens": ["on_sale"]})
    await put(database, "all", when={"happens": ["cancelled"]})

    await publish(database)

    assert await take(database, OTHER) == []
    assert await not_watched(database, ["x", "y"]) == ["x", "y"]


async def test_what_was_noted_is_not_taken_again(database: Database) -> None:
    """And the watch is shown as published."""
    await put(database, "w", "x")
    await publish(database)

    stored = await database.run(partial(definitions.get, watch_id="w"))

    assert stored is not None
    assert stored.is_published
    assert await take(database) == []
    assert await take(database, OTHER) == []


async def test_a_change_says_what_was_published_before(database: Database) -> None:
    """So that subjects which it does not concern any more can be told."""
    await put(database, "w", "x", "y")
    await publish(database)
    changed = await put(database, "w", "y")

    assert await take(database) == [Unpublished("w", 2, changed, ("x", "y"))]


async def test_a_deletion_is_published(database: Database) -> None:
    """And afterwards there is nothing that workers know of."""
    await put(database, "w", "x")
    await publish(database)
    await delete(database, "w")

    assert await take(database) == [Unpublished("w", 2, None, ("x",))]
    await publish(database)
    again = await put(database, "w", "x")
    assert await take(database) == [Unpublished("w", 3, again, None)]


async def test_a_change_during_its_publication_is_published_too(database: Database) -> None:
    """What is noted is the version that went out, not the newest."""
    await put(database, "w", "x")
    (old,) = await take(database)
    new = await put(database, "w", "y")

    await database.run(partial(publishing.note, holder=ME, published=[old.published]))

    assert await take(database, OTHER) == [Unpublished("w", 2, new, ("x",))]


async def test_a_lease_that_ran_out_is_somebody_elses(database: Database) -> None:
    """A publisher that died, or was stopped, holds nothing up."""
    watch = await put(database, "w", "x")
    await take(database, lease_s=0)

    assert await take(database, OTHER) == [Unpublished("w", 1, watch, None)]
    assert await database.run(partial(publishing.keep, holder=ME, ids=["w"])) == set()


async def test_a_holder_is_given_its_own_again(database: Database) -> None:
    """Where it was cut off after it had taken them: its lease need not run out."""
    await put(database, "w", "x")

    assert await take(database) == await take(database)


async def test_a_lease_can_be_kept(database: Database) -> None:
    """By its holder, as long as nobody else has it."""
    await put(database, "w", "x")
    await take(database, lease_s=0)

    assert await database.run(partial(publishing.keep, holder=OTHER, ids=["w"])) == set()
    assert await database.run(partial(publishing.keep, holder=ME, ids=["w", "z"])) == {"w"}
    assert await take(database, OTHER) == []


async def test_what_was_given_back_is_taken_by_others(database: Database) -> None:
    """At once."""
    await put(database, "w", "x")
    await take(database)

    await database.run(partial(publishing.give_back, holder=ME, ids=["w"]))

    assert [each.id for each in await take(database, OTHER)] == ["w"]


async def test_an_older_version_that_went_out_late_is_covered_by_the_newer_one(
    database: Database,
) -> None:
    """In the log it may stand behind the newer one, which readers would then not see."""
    await put(database, "w", "x")
    (old,) = await take(database, lease_s=0)
    new = await put(database, "w", "y")
    await publish(database, OTHER)

    await database.run(partial(publishing.note, holder=ME, published=[old.published]))

    assert await take(database, OTHER) == [Unpublished("w", 2, new, ("y",))]


async def test_those_that_wait_longest_come_first(database: Database, tables: Tables) -> None:
    """So many at once as the publisher asks for."""
    for watch_id in ("a", "b", "c"):
        await put(database, watch_id, "x")
    tables.run("UPDATE watches SET changed_at = 'yesterday' WHERE id = 'c'")

    first, then = await take(database, limit=2), await take(database, OTHER)

    assert [each.id for each in first] == ["c", "a"]
    assert [each.id for each in then] == ["b"]


async def test_a_row_that_is_being_changed_holds_nobody_up(
    database: Database, tables: Tables
) -> None:
    """The others are taken meanwhile."""
    for watch_id in ("a", "b"):
        await put(database, watch_id, "x")
    tables.run("BEGIN; SELECT FROM watches WHERE id = 'a' FOR UPDATE")

    assert [each.id for each in await take(database)] == ["b"]

    tables.run("COMMIT")
    assert [each.id for each in await take(database)] == ["a", "b"]


async def test_subjects_are_watched_when_it_was_published(database: Database) -> None:
    """Only then workers forward their prices; and until the deletion is out."""
    await put(database, "w", "x")
    assert await not_watched(database, ["x", "y"]) == ["x", "y"]
    await publish(database)
    assert await not_watched(database, ["x", "y"]) == ["y"]

    await delete(database, "w")
    assert await not_watched(database, ["x", "y"]) == ["y"]
    await publish(database)
    assert await not_watched(database, ["x", "y"]) == ["x", "y"]


async def test_a_watch_about_everything_watches_every_subject(database: Database) -> None:
    """As soon as it is published."""
    await put(database, "w")
    assert await not_watched(database, ["x"]) == ["x"]
    await publish(database)

    assert await not_watched(database, ["x"]) == []


async def test_the_subjects_of_the_history_are_known(database: Database, tables: Tables) -> None:
    """In order."""
    tables.run(
        "INSERT INTO events (event_id, event_name, venue, first_seen_at, last_updated)"
        " VALUES ('y', '', '', now(), now()), ('x', '', '', now(), now())"
    )

    assert await database.run(publishing.known_subjects) == ["x", "y"]
