"""What every channel promises: those that people and programs are told by, and their twin."""

import logging
import traceback
from decimal import Decimal

import pytest

from conscope_app.alerting.watches.announcement import trial
from conscope_app.alerting.watches.happening import Happening
from conscope_app.core.clock import monotonic_s
from conscope_app.notify.base import NotifyError, Rejected, Retryable, TooLate
from tests.notify.channels.announcements import NOON, a_line, an_announcement
from tests.notify.channels.ends import Far


def soon() -> float:
    return monotonic_s() + 60


async def test_a_message_says_what_there_is_to_know(far: Far) -> None:
    """What, where, when, for how much, why, and by whose wish."""
    await far.channel.send(an_announcement(), before=soon())

    (heard,) = far.heard()
    for part in ("Taylor Swift", "Floor A Row 5 Seats 12, 13", "80.00", "is at most 100.00"):
        assert part in heard


async def test_what_happened_is_said_in_words(far: Far) -> None:
    """At no price, and without the sections of any offer."""
    told = a_line(
        happening=Happening(what="rescheduled", observed_at=NOON, source="tm"),
        facts={"name": "Taylor Swift", "happened": "Moved to Sun 4 May 2025"},
        items=(),
        price=None,
        was=None,
        labels={"source": "tm"},
    )
    await far.channel.send(an_announcement(told), before=soon())

    (heard,) = far.heard()
    for part in ("Taylor Swift", "Moved to Sun 4 May 2025"):
        assert part in heard
    assert "$" not in heard


async def test_every_episode_of_a_message_is_told(far: Far) -> None:
    """In the order in which they are given, in one message."""
    offers = [f"Block {letter}" for letter in "ABCDEFGHIJ"]
    lines = [a_line(n, facts={"offer": offer}) for n, offer in enumerate(offers)]
    await far.channel.send(an_announcement(*lines), before=soon())

    (heard,) = far.heard()
    positions = [heard.index(offer) for offer in offers]
    assert positions == sorted(positions)


async def test_a_long_digest_is_one_message(far: Far) -> None:
    """However many there are: it says how many."""
    lines = [a_line(n) for n in range(1, 301)]
    await far.channel.send(an_announcement(*lines, kind="digest"), before=soon())

    (heard,) = far.heard()
    assert "300" in heard or "291 more" in heard or heard.count("episode-") >= 300


async def test_what_is_over_is_said_to_be(far: Far) -> None:
    """In new words for the message where it can be edited, in another message where not."""
    raised = await far.channel.send(an_announcement(), before=soon())
    over = an_announcement(
        a_line(over=True, reason="over: it is not to be had any more"), kind="over"
    )
    if far.channel.can_edit:
        assert raised.message_id is not None
        await far.channel.edit(raised.message_id, over, before=soon())
    else:
        await far.channel.send(over, before=soon())

    first, second = "\n".join(far.heard()).split("is at most 100.00", 1)
    assert "it is not to be had any more" in second
    assert "over" in second.lower()
    assert "not to be had" not in first


async def test_a_price_that_fell_further_shows_both(far: Far) -> None:
    """What it was raised at, and what it is now."""
    changed = an_announcement(a_line(price=Decimal(75), was=Decimal(80)), kind="edit")
    raised = await far.channel.send(an_announcement(), before=soon())
    if not far.channel.can_edit:
        with pytest.raises(Rejected):
            await far.channel.edit("reference", changed, before=soon())
        return
    assert raised.message_id is not None
    await far.channel.edit(raised.message_id, changed, before=soon())

    heard = "".join(far.heard())
    assert "$80.00 → $75.00" in heard or ("'price': '75'" in heard and "'was': '80'" in heard)


async def test_nothing_is_told_too_late(far: Far) -> None:
    """A sender whose lease has run out stays silent."""
    late = monotonic_s() - 1
    with pytest.raises(TooLate):
        await far.channel.send(an_announcement(), before=late)
    if far.channel.can_edit:
        with pytest.raises(TooLate):
            await far.channel.edit("1", an_announcement(kind="edit"), before=late)

    assert "".join(far.heard()) == ""


async def test_an_end_that_is_away_is_tried_again_later(far: Far) -> None:
    """Nobody listens, or the terminal was closed."""
    far.break_it()

    with pytest.raises(Retryable):
        await far.channel.send(an_announcement(), before=soon())


async def test_after_a_failure_the_next_message_is_told(far: Far) -> None:
    """Nothing of a failed attempt stays in the way of the next one."""
    with pytest.raises(TooLate):
        await far.channel.send(an_announcement(), before=monotonic_s())
    await far.channel.send(an_announcement(), before=soon())

    (heard,) = far.heard()
    assert "Taylor Swift" in heard


async def test_a_trial_says_that_the_channel_works(far: Far) -> None:
    """One line, without a price; and it names the channel."""
    await far.channel.send(trial(far.channel.name, "trial-1", NOON), before=soon())

    (heard,) = far.heard()
    assert "It works" in heard
    assert f"“{far.channel.name}”" in heard
    assert "$" not in heard


async def test_names_cannot_begin_a_line_of_their_own(far: Far) -> None:
    """Nor move a terminal's cursor, nor add a header, nor be markup."""
    facts = {"name": "A\r\nBcc: eve@example.com\x1b[2J", "offer": "<b>B</b>"}
    await far.channel.send(an_announcement(a_line(facts=facts)), before=soon())

    (heard,) = far.heard()
    if far.channel.kind == "webhook":  # JSON is for a program, which is told exactly what there is
        assert r"A\r\nBcc" in heard
        return
    assert "A Bcc: eve@example.com" in heard.replace("@\u200b", "@")
    assert "\x1b" not in heard
    if far.channel.kind == "email":
        assert "&lt;b&gt;B&lt;/b&gt;" in heard


async def test_no_secret_can_be_read_anywhere(far: Far, caplog: pytest.LogCaptureFixture) -> None:
    """Not in what is logged, in errors, in what caused them, in a repr, or in a fingerprint."""
    caplog.set_level(logging.DEBUG)
    errors: list[NotifyError] = []
    await far.channel.send(an_announcement(), before=soon())
    far.break_it()
    with pytest.raises(NotifyError) as caught:
        await far.channel.send(an_announcement(), before=soon())
    errors.append(caught.value)

    told = [caplog.text, repr(far.channel), far.channel.fingerprint]
    told += [repr(value) for value in vars(far.channel).values() if not isinstance(value, bytes)]
    told += ["".join(traceback.format_exception(error)) for error in errors]
    assert [secret for secret in far.secrets if secret in "\n".join(told)] == []


def test_a_channel_says_who_it_is(far: Far) -> None:
    """To watches by its name, to the outbox by a fingerprint that stays the same."""
    channel = far.channel

    assert channel.name
    assert channel.kind in ("discord", "email", "webhook", "console", "apprise")
    assert channel.fingerprint == channel.fingerprint != ""
    assert channel.send_s > 0
