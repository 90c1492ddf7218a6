"""The contract of the outbox where the clock is put back, for Postgres and its twin in memory."""

from datetime import timedelta

from conscope_app.alerting.budget import Spent
from conscope_app.alerting.outbox import Note
from tests.notify.alerts import alerts
from tests.store.outbox.kept import SECOND, Kept
from tests.store.postgres_outbox import CHANNEL

HOUR = timedelta(hours=1)


async def test_a_clock_that_is_put_back_prolongs_no_lease_and_no_pause(kept: Kept) -> None:
    """A dead holder's lease, the channel's pause and its budget end when they were meant to."""
    kept.add(alerts(1))
    await kept.take("one")
    until = kept.clock.now + 10 * SECOND
    await kept.note(Note(failed=(1,), blocked_until=until, spent=Spent(3, kept.clock.now)))
    kept.clock.move(5 * SECOND - HOUR)

    turn = await kept.turn("two")
    assert (turn.mine, turn.elsewhere) == (False, True)

    kept.clock.move(30 * SECOND)
    turn = await kept.turn("two")
    assert turn.mine
    assert turn.target.blocked_until is not None
    assert turn.target.blocked_until < turn.target.now
    assert turn.target.spent.since == turn.target.now - 30 * SECOND


async def test_a_pause_that_outlives_its_lease_is_put_back_too(kept: Kept) -> None:
    """Who waits gives the lease back; when it was last written is still known."""
    kept.add(alerts(1))
    await kept.take("one")
    await kept.note(Note(failed=(1,), blocked_until=kept.clock.now + 10 * SECOND))
    await kept.outbox.release(CHANNEL, holder="one")
    kept.clock.move(-HOUR)

    turn = await kept.turn("two")

    assert turn.mine
    assert turn.target.blocked_until == turn.target.now + 10 * SECOND


async def test_what_was_reckoned_by_a_clock_before_it_was_put_back_moves_along(kept: Kept) -> None:
    """A sender learns of the outbox's time only with its next look."""
    kept.add(alerts(1))
    await kept.take("one")
    reckoned = kept.clock.now
    kept.clock.move(-HOUR)
    await kept.note(
        Note(
            failed=(1,),
            blocked_until=reckoned + 10 * SECOND,
            spent=Spent(2, reckoned - SECOND),
            reckoned_at=reckoned,
        )
    )

    target = (await kept.turn("one")).target

    assert target.blocked_until == target.now + 10 * SECOND
    assert target.spent == Spent(2, target.now - SECOND)


async def test_a_clock_that_is_only_corrected_changes_nothing(kept: Kept) -> None:
    """A few seconds prolong a pause by as much: better than to guess."""
    kept.add(alerts(1))
    await kept.take("one")
    until = kept.clock.now + 10 * SECOND
    await kept.note(Note(failed=(1,), blocked_until=until, reckoned_at=kept.clock.now))
    kept.clock.move(-5 * SECOND)

    assert (await kept.turn("one")).target.blocked_until == until
