from pathlib import Path

import pytest

from conscope_app.core.clock import monotonic_s
from conscope_app.http.public_address import is_public
from conscope_app.notify.apprise_address import KINDS, AppriseAddress, BadAppriseAddress
from conscope_app.notify.apprise_channel import AppriseChannel
from conscope_app.notify.base import Disabled, NotifyError, Receipt, Retryable
from tests.notify.channels.announcements import a_line, an_announcement
from tests.notify.channels.ends import GOTIFY_TOKEN, a_gotify
from tests.notify.channels.hook_stand_in import HookStandIn, Misbehaviour


def soon() -> float:
    return monotonic_s() + 60


async def failure_of(channel: AppriseChannel) -> NotifyError:
    with pytest.raises(NotifyError) as caught:
        await channel.send(an_announcement(), before=soon())
    return caught.value


async def test_one_message_is_one_request(hook: HookStandIn) -> None:
    """With nothing of ours but the message; no service says under which id."""
    receipt = await a_gotify(hook).send(an_announcement(severity="critical"), before=soon())

    (heard,) = hook.heard
    assert receipt == Receipt(None)
    assert heard.path == "/message"
    assert heard.headers["X-Gotify-Key"] == GOTIFY_TOKEN


async def test_nobody_is_mentioned(hook: HookStandIn) -> None:
    """By whatever way a service has for it."""
    line = a_line(facts={"name": "@everyone <!channel>"})
    await a_gotify(hook).send(an_announcement(line), before=soon())

    heard = hook.heard[0].body.decode()
    assert "@everyone" not in heard
    assert "<!channel" not in heard


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param(400, Retryable, id="400"),
        pytest.param(401, Disabled, id="401"),
        pytest.param(403, Disabled, id="403"),
        pytest.param(404, Disabled, id="404"),
        pytest.param(410, Disabled, id="410"),
        pytest.param(307, Retryable, id="a redirect, which is not followed"),
        pytest.param(429, Retryable, id="429"),
        pytest.param(500, Retryable, id="500"),
        pytest.param(503, Retryable, id="503"),
    ],
)
async def test_only_a_clear_no_switches_a_channel_off(
    hook: HookStandIn, status: int, expected: type[NotifyError]
) -> None:
    """Apprise says no more than that it failed; the status stands in what it logs."""
    hook.then(status, headers={"Location": "/elsewhere"})
    error = await failure_of(a_gotify(hook))

    assert type(error) is expected
    assert error.problem == f"gotify answered {status}"
    assert len(hook.heard) == 1


@pytest.mark.parametrize("misbehaviour", ["reset", "garbled"])
async def test_what_answers_in_no_http_is_tried_again(
    hook: HookStandIn, misbehaviour: Misbehaviour
) -> None:
    """Without a word of the library's, which may name the address."""
    hook.then(misbehaviour)
    error = await failure_of(a_gotify(hook))

    assert type(error) is Retryable
    assert error.problem == "gotify could not be told"


@pytest.mark.parametrize("misbehaviour", ["hang", "trickle"])
async def test_a_process_that_takes_too_long_is_ended(
    hook: HookStandIn, misbehaviour: Misbehaviour
) -> None:
    """No thread is left behind that waits for ever."""
    hook.then(misbehaviour)
    error = await failure_of(a_gotify(hook, answer_s=2))

    assert type(error) is Retryable
    assert error.problem.startswith("gotify could not be told: ")


async def test_our_own_network_is_reached_only_where_it_may_be(hook: HookStandIn) -> None:
    """Whatever Apprise connects to: the process refuses it."""
    error = await failure_of(a_gotify(hook, private=False))

    assert type(error) is Retryable
    assert error.problem == "gotify is at an address that is not public"
    assert hook.heard == []


async def test_an_address_that_apprise_does_not_understand_switches_it_off() -> None:
    """It will not come to understand it."""
    error = await failure_of(AppriseChannel("a", AppriseAddress("tgram://no-token/")))

    assert type(error) is Disabled
    assert error.problem == "Apprise does not understand the address of tgram"


async def test_a_process_that_cannot_begin_is_tried_again(
    hook: HookStandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The machine may be short of something."""
    monkeypatch.setattr("sys.executable", str(tmp_path / "nobody"))
    error = await failure_of(a_gotify(hook))

    assert type(error) is Retryable
    assert error.problem == "gotify could not be told: no process: FileNotFoundError"


async def test_a_process_that_says_nothing_is_tried_again(
    hook: HookStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the library was taken away meanwhile."""
    monkeypatch.setattr(f"{AppriseChannel.__module__}._PROGRAM", "conscope_app.nobody")
    error = await failure_of(a_gotify(hook))

    assert type(error) is Retryable
    assert error.problem == "gotify could not be told: ended with 1"


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("json://127.0.0.1/", id="any address, in any form"),
        pytest.param("syslog://", id="this machine"),
        pytest.param("dbus://", id="this machine's screen"),
        pytest.param("discord://1/t", id="a kind of its own"),
        pytest.param("mailto://a:b@example.com", id="another one"),
        pytest.param("file:///etc/passwd", id="a file"),
        pytest.param("gotify", id="no address"),
        pytest.param("gotifys://example.com/t?verify=no", id="certificates unchecked"),
        pytest.param("gotifys://example.com/t?Redirect=yes", id="redirects followed"),
        pytest.param("slack://a/b/c?template=/etc/passwd", id="a file of ours"),
        pytest.param("gotifys://a.example/t, gotifys://b.example/t", id="two addresses"),
        pytest.param("gotifys://[::1/t", id="broken"),
    ],
)
def test_only_services_that_reach_people_are_taken(address: str) -> None:
    """And none of their options that undo what we hold to. The message repeats no address."""
    with pytest.raises(BadAppriseAddress) as caught:
        AppriseAddress(address)

    assert address not in str(caught.value).split()


@pytest.mark.filterwarnings("ignore:'imghdr'")  # one of Apprise's hundreds of plugins has it
def test_every_kind_is_one_that_apprise_has() -> None:
    """A word that it does not know would be refused only when there is something to tell."""
    from apprise.plugins import N_MGR

    assert set(N_MGR.schemas()) >= KINDS  # type: ignore[no-untyped-call]  # it has no types


@pytest.mark.parametrize(
    ("host", "expected"),
    [("8.8.8.8", True), ("::ffff:10.0.0.1", False), ("127.0.0.1", False), ("example.com", False)],
)
def test_only_an_address_can_be_public(host: str, expected: bool) -> None:
    """Where a name leads is not known before it is resolved."""
    assert is_public(host) is expected
