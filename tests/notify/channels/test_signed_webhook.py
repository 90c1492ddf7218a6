import base64
import hashlib
import hmac
from decimal import Decimal

import msgspec
import pytest

from conscope_app.alerting.watches.announcement import Announcement
from conscope_app.core.clock import monotonic_s
from conscope_app.notify.base import Disabled, NotifyError, Rejected, Retryable
from conscope_app.notify.hook_url import BadHookUrl, HookUrl
from conscope_app.notify.signed_webhook import SignedWebhook
from tests.notify.channels.announcements import NOON, a_line, an_announcement
from tests.notify.channels.ends import SECRET, a_webhook
from tests.notify.channels.hook_stand_in import HookStandIn, Misbehaviour


def soon() -> float:
    return monotonic_s() + 60


async def failure_of(hook: HookStandIn, answer_s: float = 10) -> NotifyError:
    webhook = a_webhook(hook, answer_s)
    with pytest.raises(NotifyError) as caught:
        await webhook.send(an_announcement(), before=soon())
    await webhook.close()
    return caught.value


async def told(hook: HookStandIn, *announcements: Announcement) -> None:
    webhook = a_webhook(hook)
    for announcement in announcements:
        if announcement.is_new:
            await webhook.send(announcement, before=soon())
        else:
            await webhook.edit(announcement.message, announcement, before=soon())
    await webhook.close()


async def test_whoever_has_the_secret_can_tell_that_it_is_ours(hook: HookStandIn) -> None:
    """By the rules of Standard Webhooks, over the bytes as they came."""
    await told(hook, an_announcement())

    (heard,) = hook.heard
    message_id, timestamp = heard.headers["webhook-id"], heard.headers["webhook-timestamp"]
    signed = b".".join((message_id.encode(), timestamp.encode(), heard.body))
    digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    assert heard.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert int(timestamp) == NOON.timestamp()
    assert (heard.method, heard.path) == ("POST", f"/{SECRET}?key=7")


async def test_a_program_is_told_everything_as_it_is(hook: HookStandIn) -> None:
    """It can be read back into what was told, to the last digit of a price."""
    announcement = an_announcement(a_line(price=Decimal("80.10")), a_line(2, price=None))
    await told(hook, announcement)

    body = msgspec.json.decode(hook.heard[0].body)
    assert (body.pop("format"), body.pop("channel")) == (1, "hook")
    assert msgspec.convert(body, Announcement, strict=False) == announcement


async def test_a_repetition_can_be_told_by_its_id(hook: HookStandIn) -> None:
    """The same words have the same id; other words of the same message have another one."""
    falling = an_announcement(a_line(price=Decimal(70)), kind="edit")
    further = an_announcement(a_line(price=Decimal(60)), kind="edit")
    await told(hook, an_announcement(), an_announcement(), falling, further, falling)

    ids = [request.headers["webhook-id"] for request in hook.heard]
    assert ids[0] == ids[1] == an_announcement().message
    assert ids[2] == ids[4]
    assert len(set(ids)) == 3
    assert {msgspec.json.decode(request.body)["message"] for request in hook.heard} == {ids[0]}


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_every_status_of_success_is_a_receipt(hook: HookStandIn, status: int) -> None:
    """Under the message's own id."""
    hook.then(status)
    webhook = a_webhook(hook)
    receipt = await webhook.send(an_announcement(), before=soon())
    await webhook.close()

    assert receipt.message_id == an_announcement().message


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        pytest.param((301, 308), Disabled, id="it has moved for good"),
        pytest.param((300, 302, 303, 304, 307), Retryable, id="redirects, which are not followed"),
        pytest.param((401, 403, 404, 405, 410, 415), Disabled, id="it does not want us"),
        pytest.param((400, 402, 406, 409, 413, 422, 451), Rejected, id="it does not want that"),
        pytest.param((408, 421, 425, 429), Retryable, id="later"),
        pytest.param((500, 501, 502, 503, 504, 599, 600), Retryable, id="its own trouble"),
    ],
)
async def test_every_status_means_one_thing(
    hook: HookStandIn, statuses: tuple[int, ...], expected: type[NotifyError]
) -> None:
    """And one request was made of each."""
    for status in statuses:
        hook.then(status, headers={"Location": "/elsewhere"})
        error = await failure_of(hook)

        assert type(error) is expected, status
        assert str(status) in error.problem
    assert len(hook.heard) == len(statuses)


@pytest.mark.parametrize("misbehaviour", ["hang", "reset", "garbled", "trickle"])
async def test_what_does_not_answer_in_time_and_in_http_is_tried_again(
    hook: HookStandIn, misbehaviour: Misbehaviour
) -> None:
    """However slowly it says however little."""
    hook.then(misbehaviour)
    error = await failure_of(hook, answer_s=0.3)

    assert type(error) is Retryable
    assert error.problem.startswith("the webhook did not answer: ")


@pytest.mark.parametrize(
    ("header", "expected"), [("7", 7.0), ("0.5", 0.5), ("tomorrow", None), ("-1", None)]
)
async def test_it_says_how_long_to_wait(
    hook: HookStandIn, header: str, expected: float | None
) -> None:
    """In seconds; whatever else it says is left to us."""
    hook.then(503, headers={"Retry-After": header})
    error = await failure_of(hook)

    assert isinstance(error, Retryable)
    assert error.retry_after_s == expected


async def test_an_answer_that_repeats_the_address_is_shown_without_it(hook: HookStandIn) -> None:
    """Error pages do."""
    hook.then(500, text=f"no http://127.0.0.1:{hook.port}/{SECRET}?key=7, nor /{SECRET}?key=7")
    error = await failure_of(hook)

    assert error.problem == "the webhook answered 500: no [address], nor [path]"


async def test_our_own_network_is_reached_only_where_it_may_be(hook: HookStandIn) -> None:
    """A public name that resolves to a private address is not spoken to."""
    url = HookUrl(f"https://127.0.0.1:{hook.port}/", private=False)
    webhook = SignedWebhook("hook", url, SECRET.encode(), clock=lambda: NOON)
    with pytest.raises(Retryable, match="did not answer: PrivateAddress"):
        await webhook.send(an_announcement(), before=soon())
    await webhook.close()

    assert hook.heard == []


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("http://example.com/", id="without TLS, and not private"),
        pytest.param("ftp://example.com/", id="not of the web"),
        pytest.param("https://", id="without a host"),
        pytest.param("https://user@example.com/", id="a user"),
        pytest.param("https://example.com/#a", id="a fragment"),
        pytest.param("https://example.com/a b", id="a space"),
        pytest.param("https://example.com/\r\nX: y", id="another header"),
        pytest.param("https://[::1", id="broken"),
        pytest.param("https://exämple.com/", id="not in ASCII"),
        pytest.param("https://example.com:99999/", id="no such port"),
    ],
)
def test_what_is_no_address_of_a_webhook(address: str) -> None:
    """The message does not repeat it."""
    with pytest.raises(BadHookUrl) as caught:
        HookUrl(address)

    assert address not in str(caught.value)
