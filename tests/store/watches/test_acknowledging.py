"""A watch that is snoozed: what it finds is kept, and told when it tells again."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from conscope_app.alerting.watches.validation import Invalid
from conscope_app.store.engine import Database
from conscope_app.store.watches.acknowledging import snooze
from conscope_app.store.watches.definitions import Put, VersionMismatch
from tests.store.watches.telling import Stage, TakesAll

pytestmark = pytest.mark.postgres


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


async def snoozed(stage: Stage, until: datetime | None, expected: int | None = None) -> Put | None:
    """The watch `w`, after it was snoozed."""
    work = partial(snooze, watch_id="w", until=until, expected=expected)
    return await stage.database.run(work)


async def test_what_a_snoozed_watch_finds_is_told_afterwards(stage: Stage) -> None:
    """Or as soon as somebody ends it."""
    await stage.watch()
    channel = TakesAll()
    courier = stage.courier(channel)
    done = await snoozed(stage, stage.clock.now + timedelta(hours=2))
    assert done is not None
    assert (done.watch.version, done.is_changed) == (2, True)
    await stage.decide(stage.raised())
    await stage.turns(courier, seconds=3_600)
    assert channel.told == []
    await snoozed(stage, None)
    await stage.turns(stage.courier(channel))

    assert channel.told == [("raise", [("e1", "90", False)])]


async def test_nobody_snoozes_another_version_than_the_one_that_is_meant(stage: Stage) -> None:
    """Nor one that is there where it is to be made, nor one that is not there."""
    assert await snoozed(stage, None) is None
    await stage.watch()
    for expected, found in ((2, 1), (0, 1)):
        with pytest.raises(VersionMismatch) as caught:
            await snoozed(stage, stage.clock.now, expected)
        assert caught.value.found == found
    done = await snoozed(stage, stage.clock.now, 1)

    assert done is not None
    assert done.watch.version == 2


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        pytest.param(datetime(2027, 1, 1), "must say its offset", id="no offset"),  # noqa: DTZ001 that is the point
        pytest.param(datetime.max.replace(tzinfo=UTC), "before the year 9000", id="the last day"),
    ],
)
async def test_until_a_moment_that_is_one(stage: Stage, until: datetime, sentence: str) -> None:
    """Every zone's clocks can show it."""
    await stage.watch()

    with pytest.raises(Invalid, match=sentence):
        await snoozed(stage, until)
