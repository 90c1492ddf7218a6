import logging
import traceback

import pytest

from conscope_app.alerting.grouping import Message
from conscope_app.core.clock import monotonic_s
from conscope_app.notify.asked_wait import LONGEST_WAIT_S
from conscope_app.notify.base import (
    Disabled,
    NotifyError,
    Receipt,
    Rejected,
    Retryable,
    TooLate,
)
from conscope_app.notify.discord import DiscordNotifier
from conscope_app.notify.discord_answers import Answer, judge
from conscope_app.notify.webhook_url import WebhookUrl
from tests.discord_behaviours import Behaviour
from tests.discord_stand_in import TOKEN, DiscordStandIn
from tests.notify.alerts import alerts, an_alert

ONE = Message((an_alert(),))


def soon() -> float:
    return monotonic_s() + 60


async def failure_of(notifier: DiscordNotifier, message: Message = ONE) -> NotifyError:
    with pytest.raises(NotifyError) as caught:
        await notifier.deliver(message, before=soon())
    return caught.value


async def test_a_message_is_told_once_and_its_id_kept(
    discord: DiscordStandIn, notifier: DiscordNotifier
) -> None:
    """Discord is asked to wait, so that it says which message it made."""
    receipt = await notifier.deliver(Message(alerts(3)), before=soon())

    assert receipt == Receipt(discord.told[0].message_id)
    assert discord.record_ids == ["raw_prices-0-1", "raw_prices-0-2", "raw_prices-0-3"]


@pytest.mark.parametrize("behaviour", ["no content", "garbled", "cut"])
async def test_a_message_that_was_taken_is_told_whatever_the_body(
    discord: DiscordStandIn, notifier: DiscordNotifier, behaviour: Behaviour
) -> None:
    """To send it again would tell it twice."""
    discord.then(behaviour)

    assert await notifier.deliver(ONE, before=soon()) == Receipt(None)
    assert len(discord.told) == 1


@pytest.mark.parametrize(
    ("behaviour", "expected", "invalid"),
    [
        pytest.param("busy", Retryable, True, id="429"),
        pytest.param("banned", Retryable, True, id="429 of Cloudflare's"),
        pytest.param("error", Retryable, False, id="500"),
        pytest.param("bad gateway", Retryable, False, id="502 in HTML"),
        pytest.param("reset", Retryable, False, id="hung up"),
        pytest.param("elsewhere", Retryable, False, id="a redirect"),
        pytest.param("blocked", Retryable, True, id="403 of Cloudflare's"),
        pytest.param("gone", Disabled, True, id="404"),
        pytest.param("unauthorised", Disabled, True, id="401"),
        pytest.param("forum", Disabled, False, id="400, but for where the webhook points"),
    ],
)
async def test_every_answer_means_one_thing(
    discord: DiscordStandIn,
    notifier: DiscordNotifier,
    behaviour: Behaviour,
    expected: type[NotifyError],
    invalid: bool,
) -> None:
    """And one post was made of it: no repetition, and no second address."""
    discord.then(behaviour)
    error = await failure_of(notifier)

    assert type(error) is expected
    assert error.invalid is invalid
    assert discord.behaviours == [behaviour]


async def test_a_message_that_discord_finds_fault_with_is_rejected(
    discord: DiscordStandIn, notifier: DiscordNotifier
) -> None:
    """Its words are kept, for the person who looks into it."""
    discord.refuse = lambda payload: "Taylor" in str(payload)
    error = await failure_of(notifier)

    assert isinstance(error, Rejected)
    assert "This stand-in was told to refuse it" in error.problem


async def test_discord_says_how_long_to_wait(
    discord: DiscordStandIn, notifier: DiscordNotifier
) -> None:
    """A float of seconds in the body; whole seconds in a header where the body is a page."""
    discord.then("busy", "banned")
    in_body, in_header = await failure_of(notifier), await failure_of(notifier)

    assert isinstance(in_body, Retryable)
    assert in_body.retry_after_s == 0.05
    assert isinstance(in_header, Retryable)
    assert in_header.retry_after_s == 1


async def test_an_empty_bucket_is_a_pause_before_the_next_message() -> None:
    """Discord says so with the last message that it takes: no 429 is needed to learn it."""
    with DiscordStandIn(limit=2, per_s=30) as discord:
        notifier = DiscordNotifier(WebhookUrl(discord.url, allow_loopback=True))
        first = await notifier.deliver(ONE, before=soon())
        second = await notifier.deliver(ONE, before=soon())
        await notifier.close()

    assert first.pause_s == 0
    assert 25 < second.pause_s <= 30


async def test_nobody_listening_is_tried_again_later() -> None:
    """Refused connections are Discord's trouble, or the network's."""
    with DiscordStandIn() as gone:
        url = gone.url
    notifier = DiscordNotifier(WebhookUrl(url, allow_loopback=True))
    error = await failure_of(notifier)
    await notifier.close()

    assert isinstance(error, Retryable)
    assert error.problem == "Discord did not answer: ConnectionRefusedError"


async def test_an_answer_that_never_comes_is_not_waited_for(discord: DiscordStandIn) -> None:
    """No request is without an end."""
    notifier = DiscordNotifier(WebhookUrl(discord.url, allow_loopback=True), answer_s=0.2)
    discord.then("hang")
    error = await failure_of(notifier)
    await notifier.close()

    assert isinstance(error, Retryable)
    assert error.problem == "Discord did not answer: TimeoutError"


async def test_nothing_is_sent_once_the_permission_has_run_out(
    discord: DiscordStandIn, notifier: DiscordNotifier
) -> None:
    """The last look at the clock is in the thread that sends, right before it does."""
    with pytest.raises(TooLate):
        await notifier.deliver(ONE, before=monotonic_s())

    assert discord.behaviours == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param({"body": b'{"retry_after": 64.57}'}, 64.57, id="Discord's float"),
        pytest.param({"body": b'{"retry_after": 1e300}'}, LONGEST_WAIT_S, id="for ever"),
        pytest.param({"body": b'{"retry_after": -1}'}, None, id="negative"),
        pytest.param({"body": b'{"retry_after": true}'}, None, id="no number"),
        pytest.param({"body": b"[1]"}, None, id="no object"),
        pytest.param({"headers": {"retry-after": "7"}}, 7, id="a header"),
        pytest.param({"headers": {"retry-after": "nan"}}, None, id="not a number"),
        pytest.param(
            {"headers": {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}}, None, id="a date"
        ),
        pytest.param(
            {"headers": {"x-ratelimit-reset-after": "0.3"}}, 0.3, id="the bucket's header"
        ),
        pytest.param(
            {"body": b'{"retry_after": 0.5}', "headers": {"retry-after": "1"}},
            0.5,
            id="the body is more exact",
        ),
    ],
)
def test_any_wait_that_is_asked_for_is_read_or_left_to_us(
    said: dict[str, object], expected: float | None
) -> None:
    """No answer can break the arithmetic, or block us for longer than a day."""
    with pytest.raises(Retryable) as caught:
        judge(Answer(429, **{"headers": {}, **said}))  # type: ignore[arg-type]  # named by the row

    assert caught.value.retry_after_s == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        pytest.param(400, b'{"message": "Invalid Form Body", "code": 50035}', Rejected, id="400"),
        pytest.param(400, b"<html>", Retryable, id="400 of somebody in between"),
        pytest.param(403, b'{"message": "Missing Access", "code": 50001}', Disabled, id="403"),
        pytest.param(404, b"<html>", Disabled, id="404, whatever the body"),
        pytest.param(405, b'{"message": "405: Method Not Allowed"}', Rejected, id="405"),
        pytest.param(408, b'{"message": "late"}', Retryable, id="408"),
        pytest.param(413, b'{"message": "too large"}', Rejected, id="413"),
        pytest.param(503, b"\xff\x00", Retryable, id="503 in no language"),
        pytest.param(600, b"", Retryable, id="no status of HTTP's"),
    ],
)
def test_statuses_that_the_stand_in_does_not_send(
    status: int, body: bytes, expected: type[NotifyError]
) -> None:
    """Only Discord's own word gives a message up."""
    with pytest.raises(NotifyError) as caught:
        judge(Answer(status, {}, body))

    assert type(caught.value) is expected


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_status_of_success_is_one(status: int) -> None:
    """Discord documents 200 and 204."""
    assert judge(Answer(status, {}, b'{"id": "5"}')) == Receipt("5")


async def test_the_token_is_nowhere_to_be_read(
    discord: DiscordStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in what libraries log, in errors, in what caused them, nor in a repr."""
    caplog.set_level(logging.DEBUG)
    notifier = DiscordNotifier(WebhookUrl(discord.url, allow_loopback=True), answer_s=0.2)
    discord.then("ok", "error", "elsewhere", "gone", "reset", "hang")
    await notifier.deliver(ONE, before=soon())
    errors = [await failure_of(notifier) for _ in range(5)]
    discord.stop()
    errors.append(await failure_of(notifier))
    await notifier.close()

    told = [caplog.text, repr(notifier), repr(vars(notifier)["_url"])]
    for error in errors:
        told += ["".join(traceback.format_exception(error)), repr(error), *_chain(error)]
    assert TOKEN not in "\n".join(told)


async def test_a_body_that_repeats_the_token_is_shown_without_it() -> None:
    """Discord's error pages may name the path."""
    url = WebhookUrl(f"https://discord.com/api/webhooks/1/{TOKEN}")

    with pytest.raises(NotifyError) as caught:
        judge(Answer(500, {}, url.hide(f"no {TOKEN} here").encode()))

    assert caught.value.problem == "Discord answered 500: no [token] here"


def _chain(error: BaseException | None) -> list[str]:
    texts = []
    while error is not None:
        texts.append(repr(error))
        error = error.__cause__ or error.__context__
    return texts
