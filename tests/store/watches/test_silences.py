"""Silences: under one id each, until their end."""

from datetime import timedelta
from functools import partial

import pytest

from conscope_app.alerting.watches.silences import Silence
from conscope_app.store.engine import Database
from conscope_app.store.watches import silences
from tests.store.ledgers import AT

pytestmark = pytest.mark.postgres

HOUR = timedelta(hours=1)
FULL = Silence(
    id="s",
    begins_at=AT - HOUR,
    ends_at=AT + HOUR,
    subjects=("x", "y"),
    watches=("w",),
    labels={"section": ("Floor*",)},
)


async def put(database: Database, silence: Silence) -> bool:
    """In a transaction of its own."""
    return await database.run(partial(silences.put_silence, silence=silence))


async def ids(database: Database) -> list[str]:
    """Those that are not over."""
    listed = await database.run(partial(silences.list_silences, now=AT))
    return [silence.id for silence in listed]


async def test_a_silence_is_read_back_as_it_was_put(database: Database) -> None:
    """With all of its matchers."""
    assert await put(database, FULL)

    assert await database.run(partial(silences.get_silence, silence_id="s")) == FULL
    assert await database.run(partial(silences.list_silences, now=AT)) == [FULL]


async def test_a_silence_is_changed_under_its_id(database: Database) -> None:
    """It is not a new one then."""
    await put(database, FULL)

    assert not await put(database, Silence(id="s", ends_at=AT + 2 * HOUR))

    (kept,) = await database.run(partial(silences.list_silences, now=AT))
    assert kept == Silence(id="s", ends_at=AT + 2 * HOUR)


async def test_those_that_are_not_over_are_listed(database: Database) -> None:
    """The one that ends first at the front; one that begins later is there too."""
    await put(database, Silence(id="later", begins_at=AT + HOUR, ends_at=AT + 3 * HOUR))
    await put(database, Silence(id="ends now", ends_at=AT))
    await put(database, Silence(id="on", ends_at=AT + HOUR))

    assert await ids(database) == ["on", "later"]


async def test_a_silence_is_ended(database: Database) -> None:
    """Once."""
    await put(database, FULL)

    assert await database.run(partial(silences.delete_silence, silence_id="s"))
    assert not await database.run(partial(silences.delete_silence, silence_id="s"))
    assert await database.run(partial(silences.get_silence, silence_id="s")) is None


async def test_what_is_long_over_is_forgotten(database: Database) -> None:
    """Before a moment; how many is said."""
    await put(database, Silence(id="old", ends_at=AT - HOUR))
    await put(database, FULL)

    assert await database.run(partial(silences.forget_silences, before=AT)) == 1
    assert await database.run(partial(silences.get_silence, silence_id="old")) is None
    assert await ids(database) == ["s"]
