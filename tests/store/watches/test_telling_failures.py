"""Channels that fail, refuse or are given up, and couriers that share one."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from conscope_app.alerting.watches.choosing import choose
from conscope_app.alerting.watches.telling import Outcome, TellingNote
from conscope_app.notify.base import Disabled, Rejected, Retryable, TooLate
from conscope_app.notify.rest import DISABLED
from conscope_app.store.engine import Database
from conscope_app.store.watches.outbox import PostgresWatchOutbox
from tests.store.ledgers import Tables
from tests.store.watches.telling import Stage, TakesAll, no_facts

pytestmark = pytest.mark.postgres

GROUPED = {"group": {"wait_s": 30, "alone_s": 2}}
QUIET = {"zone": "UTC", "quiet": {"begin": "11:00", "until": "13:00"}}


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


@pytest.fixture
def channel() -> TakesAll:
    return TakesAll()


async def test_what_may_have_been_read_is_told_as_over(stage: Stage, channel: TakesAll) -> None:
    """Where no answer came, nobody knows; without the try, it would have been left out."""
    await stage.watch()
    channel.fails.append(Retryable("no answer"))
    await stage.decide(stage.raised())
    await stage.turns(stage.courier(channel))
    await stage.decide(stage.over())
    await stage.turns(stage.courier(channel), seconds=5)

    assert channel.told == [("raise", [("e1", "90", True)])]


async def test_what_was_surely_not_told_is_left_out_when_it_is_over(
    stage: Stage, channel: TakesAll, tables: Tables
) -> None:
    """Nobody asked to hear of the end of what nobody has heard of."""
    await stage.watch()
    channel.fails.append(Disabled("not your webhook"))
    await stage.decide(stage.raised())
    await stage.turns(stage.courier(channel))
    await stage.decide(stage.over())

    assert tables.run("SELECT waiting, finished_at IS NULL, message FROM watch_entries") == [
        (False, False, None)
    ]


async def test_that_it_was_not_told_this_time_says_nothing_of_the_time_before(
    stage: Stage, channel: TakesAll, tables: Tables
) -> None:
    """An earlier try got no answer: somebody may have read of it."""
    await stage.watch()
    channel.fails.extend([Retryable("no answer", retry_after_s=0), Disabled("unknown webhook")])
    await stage.decide(stage.raised())
    await stage.turns(stage.courier(channel), seconds=1)
    assert not channel.fails
    await stage.decide(stage.over())
    tables.run("UPDATE delivery_targets SET disabled_reason = NULL")
    await stage.turns(stage.courier(channel))

    assert channel.told == [("raise", [("e1", "90", True)])]


async def test_a_note_that_is_written_twice_counts_once(
    stage: Stage, channel: TakesAll, tables: Tables
) -> None:
    """As where only the answer to its commit was lost."""

    class Forgetful(PostgresWatchOutbox):
        async def note(self, channel: str, note: TellingNote, **lease: Any) -> bool:
            await super().note(channel, note, **lease)
            return await super().note(channel, note, **lease)

    await stage.watch(often={"at_most_a_day": 2, "zone": "UTC"})
    await stage.decide(stage.raised())
    outbox = Forgetful(stage.database, facts_of=no_facts, clock=stage.clock)
    await stage.turns(stage.courier(channel, outbox=outbox))

    assert tables.run("SELECT messages FROM watch_spoken") == [(1,)]
    assert len(channel.said) == 1


async def test_what_was_not_sent_in_time_is_sent_under_the_next_lease(
    stage: Stage, channel: TakesAll
) -> None:
    """It is no trouble, and counts as no failure."""
    await stage.watch()
    channel.fails.append(TooLate("the lease had run out"))
    await stage.decide(stage.raised())
    courier = stage.courier(channel)
    await stage.turns(courier)

    assert (len(channel.said), courier.trouble) == (1, None)


async def test_a_failure_is_waited_out_longer_each_time(
    stage: Stage, channel: TakesAll, tables: Tables
) -> None:
    """A new process goes on with the count of the old one."""
    await stage.watch()
    channel.fails.extend(Retryable("away") for _ in range(3))
    await stage.decide(stage.raised())
    for waits in (1, 2, 4):
        began = stage.clock.now
        courier = stage.courier(channel)
        await stage.turns(courier)
        assert courier.trouble == "away"
        ((blocked_until,),) = tables.run("SELECT blocked_until FROM delivery_targets")
        assert (blocked_until - began).total_seconds() == pytest.approx(waits, abs=0.2)
        stage.clock.now = blocked_until
    await stage.turns(stage.courier(channel))

    assert len(channel.said) == 1
    assert tables.run("SELECT attempts, last_error FROM watch_entries") == [(0, None)]


async def test_a_pause_that_the_channel_asks_for_is_kept(stage: Stage, channel: TakesAll) -> None:
    await stage.watch()
    channel.fails.append(Retryable("busy", retry_after_s=7))
    await stage.decide(stage.raised())
    await stage.turns(stage.courier(channel), seconds=7)
    assert channel.told == []
    await stage.turns(stage.courier(channel), seconds=1)

    assert len(channel.said) == 1


async def test_one_alert_that_is_refused_does_not_keep_others_from_being_told(
    stage: Stage, channel: TakesAll, tables: Tables
) -> None:
    """Each of a refused message is tried alone; only what is refused alone is given up."""
    await stage.watch(often=GROUPED)
    await stage.decide(*(stage.raised(f"e{number}") for number in range(3)))
    stage.clock.move(timedelta(minutes=1))
    channel.fails.extend([Rejected("bad"), Rejected("bad")])
    await stage.turns(stage.courier(channel))
    await stage.turns(stage.courier(channel), seconds=1)

    assert len(channel.said) == 2
    assert all(len(lines) == 1 for _, lines in channel.told)
    rows = tables.run("SELECT given_up, finished_at IS NULL, last_error FROM watch_entries")
    assert sorted(rows) == [(False, True, None), (False, True, None), (True, False, "bad")]


async def test_new_words_that_are_refused_are_not_tried_again(
    stage: Stage, channel: TakesAll, tables: Tables
) -> None:
    """The message says on what it says."""
    await stage.watch()
    courier = stage.courier(channel)
    await stage.decide(stage.raised())
    await stage.turns(courier)
    channel.fails.append(Rejected("bad words"))
    await stage.decide(stage.updated(price=80))
    await stage.turns(courier)
    await stage.decide(stage.updated(price=70))
    await stage.turns(courier)

    assert [lines for _, lines in channel.told] == [[("e1", "90", False)], [("e1", "70", False)]]
    assert tables.run("SELECT edits, last_error FROM watch_messages") == [(1, None)]


async def test_a_dead_target_is_disabled_until_its_address_changes(
    stage: Stage, channel: TakesAll, tables: Tables
) -> None:
    """The reason is kept where the others' are, and can be enabled by hand as theirs can."""
    await stage.watch()
    channel.fails.append(Disabled("unknown webhook", invalid=True))
    await stage.decide(stage.raised())
    courier = stage.courier(channel)
    await stage.turns(courier)
    assert await courier.deliver_due() == DISABLED
    assert "unknown webhook" in str(courier.trouble)
    assert tables.run("SELECT channel, disabled_reason FROM delivery_targets") == [
        ("watches:default", "address-1 unknown webhook")
    ]
    channel.fingerprint = "address-2"
    await stage.turns(courier)

    assert len(channel.said) == 1
    assert not courier.trouble
    assert tables.run("SELECT disabled_reason FROM delivery_targets") == [(None,)]


async def test_one_courier_at_a_time(stage: Stage, channel: TakesAll, tables: Tables) -> None:
    """What another has leased is left to it, as long as the lease lasts."""
    await stage.watch()
    await stage.decide(stage.raised())
    tables.run(
        "UPDATE delivery_targets SET leased_by = 'another/1', leased_until = %s",
        stage.clock.now + timedelta(seconds=20),
    )
    courier = stage.courier(channel)
    await stage.turns(courier, seconds=19)
    assert channel.told == []
    await stage.turns(courier, seconds=3)

    assert len(channel.said) == 1


async def test_an_idle_courier_has_given_the_channel_back(
    stage: Stage, channel: TakesAll, tables: Tables
) -> None:
    """With something that waits for later, too."""
    await stage.watch(often=QUIET)
    await stage.watch("now")
    await stage.decide(stage.raised(), stage.raised("e2", watch_id="now"))
    await stage.turns(stage.courier(channel))

    assert len(channel.said) == 1
    assert tables.run("SELECT leased_by FROM delivery_targets") == [(None,)]


async def test_an_outbox_that_is_away_is_trouble(store_url: str, channel: TakesAll) -> None:
    away = Stage(Database(store_url.replace("127.0.0.1", "127.0.0.2").replace("localhost", "::2")))
    courier = away.courier(channel)
    rest = await courier.deliver_due()
    await away.database.close()

    assert rest.wakeable is False
    assert courier.trouble is not None
    assert "the outbox cannot be reached" in courier.trouble


async def test_what_another_may_be_telling_is_not_noted_as_not_told(
    stage: Stage, tables: Tables
) -> None:
    """Our lease is over, and somebody else may have been read meanwhile."""
    await stage.watch()
    await stage.decide(stage.raised())
    lease: dict[str, Any] = {"holder": "one/1", "lease_s": 15.0}
    turn = await stage.outbox.take(
        "default",
        **lease,
        take_over_before=None,
        may_send=lambda _: True,
        choose=partial(choose, can_edit=True),
    )
    tables.run("UPDATE delivery_targets SET leased_by = 'two/1'")
    note = TellingNote(task=turn.task, outcome=Outcome.NOT_TOLD)
    assert await stage.outbox.note("default", note, **lease) is False
    await stage.decide(stage.over())

    assert tables.run("SELECT waiting, finished_at FROM watch_entries") == [(True, None)]
