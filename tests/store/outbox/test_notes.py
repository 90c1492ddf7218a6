"""The contract of the outbox, for Postgres and its twin in memory: what it is told it keeps."""

from conscope_app.alerting.budget import Spent
from conscope_app.alerting.outbox import Note
from tests.notify.alerts import NOON, alerts
from tests.store.outbox.kept import SECOND, Kept
from tests.store.postgres_outbox import CHANNEL


async def test_waiting_alerts_come_whole_and_in_order(kept: Kept) -> None:
    """As they were stored, oldest first, as many as are wanted."""
    kept.add(alerts(5))
    turn = await kept.turn(at_most=3)

    assert turn.mine
    assert turn.waiting == alerts(3)
    assert turn.target.now == NOON


async def test_what_was_sent_waits_no_more(kept: Kept) -> None:
    """Folded alerts are told as well, and marked as such."""
    kept.add(alerts(3))
    await kept.take()
    await kept.note(Note(sent=(1, 2), folded=(2,), message_id="77"))
    counts = await kept.outbox.counts(CHANNEL)

    assert await kept.take() == [3]
    assert (counts.waiting, counts.sent, counts.digested, counts.dead) == (1, 2, 1, 0)


async def test_what_failed_waits_on_and_is_counted(kept: Kept) -> None:
    """The count outlives the process, so that its successor waits as long."""
    kept.add(alerts(2))
    await kept.take()
    await kept.note(Note(failed=(1, 2), error="502", invalid_answers=1))
    await kept.note(Note(failed=(1,), error="502", invalid_answers=1))
    turn = await kept.turn()

    assert [alert.attempts for alert in turn.waiting] == [2, 1]
    assert (await kept.outbox.counts(CHANNEL)).invalid_answers == 2


async def test_what_is_dead_waits_no_more(kept: Kept) -> None:
    """It was refused alone."""
    kept.add(alerts(2))
    await kept.take()
    await kept.note(Note(dead=(1,), error="Invalid Form Body\0"))
    counts = await kept.outbox.counts(CHANNEL)

    assert await kept.take() == [2]
    assert (counts.waiting, counts.dead) == (1, 1)


async def test_a_late_note_of_a_lost_lease_is_still_the_truth(kept: Kept) -> None:
    """It was sent: nobody should send it again, and the first message's id is kept."""
    kept.add(alerts(2))
    await kept.take("one")
    kept.clock.move(30 * SECOND)
    await kept.take("two")
    await kept.note(Note(sent=(1,), message_id="77"), "one")
    await kept.note(Note(failed=(1,), error="502"), "two")

    assert await kept.take("two") == [2]


async def test_what_was_learnt_of_a_channel_is_kept_until_it_changes(kept: Kept) -> None:
    """Pauses, the budget, and why it is disabled; a note that says nothing changes nothing."""
    kept.add(alerts(1))
    await kept.take()
    until = NOON + 9 * SECOND
    await kept.note(Note(blocked_until=until, spent=Spent(3, NOON)))
    await kept.note(Note(disable="abc 404"))
    await kept.note(Note())
    target = (await kept.turn()).target

    assert target.blocked_until == until
    assert target.spent == Spent(3, NOON)
    assert target.disabled_reason == "abc 404"

    await kept.note(Note(enable=True, spent=Spent(0, None)))
    target = (await kept.turn()).target

    assert (target.blocked_until, target.disabled_reason) == (None, None)
    assert target.spent == Spent(0, None)


async def test_counts_of_a_channel_that_nothing_was_ever_told(kept: Kept) -> None:
    """Zeros, no error."""
    counts = await kept.outbox.counts(CHANNEL)

    assert (counts.waiting, counts.sent, counts.dead, counts.invalid_answers) == (0, 0, 0, 0)
    assert counts.oldest_waiting_at is None
