"""The contract of the outbox, for Postgres and its twin in memory: whose turn it is."""

from dataclasses import replace
from datetime import datetime

from conscope_app.alerting.outbox import Note
from tests.notify.alerts import alerts
from tests.store.outbox.kept import SECOND, Kept
from tests.store.postgres_outbox import CHANNEL


async def test_nothing_waiting_is_nobodys_turn(kept: Kept) -> None:
    """And no lease keeps the next one out."""
    assert await kept.take("one") is None
    kept.add(alerts(1))
    assert await kept.take("two") == [1]


async def test_one_holder_at_a_time(kept: Kept) -> None:
    """The others are told that somebody is at it."""
    kept.add(alerts(1))
    assert await kept.take("one") == [1]
    turn = await kept.turn("two")

    assert (turn.mine, turn.elsewhere, turn.waiting) == (False, True, ())
    assert await kept.take("one") == [1]


async def test_a_lease_ends_by_time_or_when_given_back(kept: Kept) -> None:
    """Another's release of it changes nothing."""
    kept.add(alerts(1))
    await kept.take("one")
    await kept.outbox.release(CHANNEL, holder="two")
    kept.clock.move(29 * SECOND)
    assert await kept.take("two") is None
    kept.clock.move(SECOND)
    assert await kept.take("two") == [1]
    await kept.outbox.release(CHANNEL, holder="two")
    assert await kept.take("three") == [1]


async def test_a_lease_that_has_run_out_is_taken_over_only_before_a_moment(kept: Kept) -> None:
    """Whoever asks says whether it may; an answer after that comes too late."""
    kept.add(alerts(1))
    await kept.take("one")
    kept.clock.move(30 * SECOND)

    async def takes_over(before: datetime | None) -> bool:
        turn = await kept.outbox.take(
            CHANNEL, holder="two", lease_s=30, at_most=1, take_over_before=before
        )
        assert turn.mine is not turn.elsewhere
        return turn.mine

    assert not await takes_over(None)
    assert not await takes_over(kept.clock.now)
    assert await takes_over(kept.clock.now + SECOND)


async def test_patience_is_for_the_leases_of_others(kept: Kept) -> None:
    """One's own is taken again, and one that was given back by whoever asks."""
    kept.add(alerts(1))
    await kept.take("one")
    kept.clock.move(60 * SECOND)
    assert (await kept.turn("one", patient=True)).mine
    await kept.outbox.release(CHANNEL, holder="one")
    assert (await kept.turn("two", patient=True)).mine


async def test_a_note_lengthens_the_lease_of_its_holder_alone(kept: Kept) -> None:
    """Whoever lost the lease learns it from the note."""
    kept.add(alerts(1))
    await kept.take("one")
    kept.clock.move(20 * SECOND)
    assert await kept.note(Note(), "one")
    kept.clock.move(20 * SECOND)
    assert await kept.take("two") is None
    kept.clock.move(20 * SECOND)
    assert await kept.take("two") == [1]
    assert not await kept.note(Note(), "one")


async def test_a_holder_that_finds_nothing_more_gives_the_lease_back(kept: Kept) -> None:
    """In the same look: what comes a moment later is seen by whoever looks next."""
    kept.add(alerts(1))
    await kept.take("one")
    await kept.note(Note(sent=(1,)))
    assert await kept.take("one") is None
    kept.add([replace(alerts(2)[1])])
    assert await kept.take("two") == [2]


async def test_the_next_life_of_a_name_takes_the_lease_of_the_last_at_once(kept: Kept) -> None:
    """Whoever asks without any right to take over; another name that begins alike does not."""
    kept.add(alerts(1))
    await kept.take("here/1")
    for other in ("her/1", "here-2", "here-2/1", "there/1"):
        assert not (await kept.turn(other, patient=True)).mine

    assert (await kept.turn("here/2", patient=True)).mine
    assert not (await kept.turn("there/1", patient=True)).mine


async def test_what_a_dead_life_had_on_its_way_does_not_touch_the_next_ones_lease(
    kept: Kept,
) -> None:
    """Its release gives nothing back; its note is the truth, but lengthens nothing."""
    kept.add(alerts(2))
    await kept.take("here/1")
    await kept.take("here/2")
    await kept.outbox.release(CHANNEL, holder="here/1")
    assert await kept.take("there/1") is None

    kept.clock.move(20 * SECOND)
    assert not await kept.note(Note(sent=(1,)), "here/1")
    assert await kept.take("here/2") == [2]
    kept.clock.move(29 * SECOND)
    assert not await kept.note(Note(), "here/1")
    kept.clock.move(SECOND)
    assert await kept.take("there/1") == [2]


async def test_a_dead_lifes_lease_is_given_back_where_nothing_waits(kept: Kept) -> None:
    """By the next life's look: what comes later is for whoever looks first."""
    kept.add(alerts(1))
    await kept.take("here/1")
    await kept.note(Note(sent=(1,)), "here/1")
    assert await kept.take("here/2") is None
    kept.add([alerts(2)[1]])

    assert (await kept.turn("there/1", patient=True)).mine
