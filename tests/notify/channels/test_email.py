import logging
import traceback
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from conscope_app.alerting.watches.announcement import Announcement
from conscope_app.core.clock import monotonic_s
from conscope_app.notify.base import Disabled, NotifyError, Rejected, Retryable, TooLate
from conscope_app.notify.email import EmailChannel, MailServer, Safety
from conscope_app.notify.email_message import email_of
from tests.authority import Authority
from tests.notify.channels.announcements import FACTS, NOON, a_line, an_announcement
from tests.notify.channels.ends import an_email
from tests.notify.channels.mail_stand_in import PASSWORD, MailStandIn
from tests.notify.channels.raw_mail_server import HANG, HANG_UP, TRICKLE, raw_mail_server


def soon() -> float:
    return monotonic_s() + 60


async def failure_of(channel: EmailChannel) -> NotifyError:
    with pytest.raises(NotifyError) as caught:
        await channel.send(an_announcement(), before=soon())
    return caught.value


def in_the_clear(port: int, **overrides: Any) -> EmailChannel:
    """By way of a server that speaks no TLS."""
    known: dict[str, Any] = {"sender": "alerts@example.com", "recipient": "ana@example.com"}
    known["clock"] = lambda: NOON
    server = MailServer(host="127.0.0.1", port=port, safety="none", private=True)
    return EmailChannel("mail", server, **{**known, **overrides})


def mail_of(announcement: Announcement) -> EmailMessage:
    """As a mail program reads it."""
    sent = email_of(
        announcement,
        sender="ConScope <alerts@example.com>",
        recipient="ana@example.com",
        domain="example.com",
        at=NOON,
    )
    return message_from_bytes(sent.as_bytes(), policy=default)


@pytest.mark.parametrize("safety", ["starttls", "tls", "none"])
async def test_mail_is_handed_over(
    certificate: tuple[str, str], authority: Authority, safety: Safety
) -> None:
    """With TLS from the beginning or from the greeting on, and signed in; or neither."""
    async with MailStandIn(certificate, safety) as mail:
        receipt = await an_email(mail, authority).send(an_announcement(), before=soon())

    (message,) = mail.heard
    assert receipt.message_id == message["Message-ID"] == "<0123456789abcdef01234567@example.com>"
    assert message["From"] == "ConScope <alerts@example.com>"
    assert message["To"] == "Ana <ana@example.com>"
    assert message["Subject"] == "🔔 Taylor Swift: $80.00 (all in)"
    assert message["Date"].datetime == NOON


async def test_a_server_that_nobody_vouches_for_is_told_nothing(
    mail: MailStandIn, authority: Authority
) -> None:
    """Neither the password nor the message."""
    channel = an_email(mail, authority, authorities=Authority().certificate)
    error = await failure_of(channel)

    assert type(error) is Retryable
    assert error.problem == "the mail server's certificate is not trusted"
    assert mail.heard == []


async def test_nothing_goes_in_the_clear_where_tls_was_asked_for(
    certificate: tuple[str, str], authority: Authority
) -> None:
    """Whoever takes the offer of STARTTLS away learns nothing, and switches nothing off."""
    async with MailStandIn(certificate, "none") as mail:
        error = await failure_of(an_email(mail, authority, safety="starttls"))

    assert type(error) is Retryable
    assert error.problem == "the mail server does not offer STARTTLS"


async def test_our_own_network_is_reached_only_where_it_may_be(
    mail: MailStandIn, authority: Authority
) -> None:
    """Before a word is said."""
    error = await failure_of(an_email(mail, authority, private=False))

    assert type(error) is Retryable
    assert error.problem == "the mail server did not answer while connecting: PrivateAddress"


async def test_a_wrong_password_switches_the_channel_off(
    mail: MailStandIn, authority: Authority
) -> None:
    """It will not become right by being repeated."""
    error = await failure_of(an_email(mail, authority, password="wrong-horse"))

    assert type(error) is Disabled
    assert error.problem == "the mail server answered 535 to our user and password"


@pytest.mark.parametrize(
    ("command", "answer", "expected"),
    [
        pytest.param("AUTH", "535 5.7.8 no", Disabled, id="the password"),
        pytest.param("AUTH", "454 4.7.0 later", Retryable, id="the password, for now"),
        pytest.param("MAIL", "550 5.7.1 not yours", Disabled, id="the sender"),
        pytest.param("MAIL", "451 4.3.0 busy", Retryable, id="the sender, for now"),
        pytest.param("RCPT", "550 5.1.1 unknown", Disabled, id="the recipient"),
        pytest.param("RCPT", "450 4.2.0 greylisted", Retryable, id="the recipient, for now"),
        pytest.param("RCPT", "552 5.2.2 full", Retryable, id="a full mailbox"),
        pytest.param("RCPT", "550 5.2.2 over quota", Retryable, id="a full mailbox, newer words"),
        pytest.param("DATA", "554 5.7.1 spam", Rejected, id="the message"),
        pytest.param("DATA", "452 4.3.1 no space", Retryable, id="the message, for now"),
        pytest.param("DATA", "552 5.2.2 full", Retryable, id="a mailbox that filled up"),
    ],
)
async def test_every_refusal_is_of_what_was_said_last(
    mail: MailStandIn,
    authority: Authority,
    command: str,
    answer: str,
    expected: type[NotifyError],
) -> None:
    """The recipient and we are told apart from the message: only that is given up."""
    mail.refuse[command] = answer
    error = await failure_of(an_email(mail, authority))

    assert type(error) is expected
    assert answer[:3] in error.problem
    assert mail.heard == []


async def test_after_a_refusal_the_next_mail_is_taken(
    mail: MailStandIn, authority: Authority
) -> None:
    """Each has a connection of its own."""
    channel = an_email(mail, authority)
    mail.refuse["DATA"] = "451 4.3.0 busy"
    await failure_of(channel)
    mail.refuse.clear()
    await channel.send(an_announcement(), before=soon())

    assert len(mail.heard) == 1


each_moment = pytest.mark.parametrize("at", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "END"])


@each_moment
@pytest.mark.parametrize("how", [HANG_UP, b"\xff\xfe no SMTP\r\n", b"2\r\n", b"999 what?\r\n"])
async def test_what_does_not_answer_in_smtp_is_tried_again(at: str, how: bytes) -> None:
    """At whatever point it fails."""
    async with raw_mail_server(**{at: how}) as server:
        error = await failure_of(in_the_clear(server.port))

    assert type(error) is Retryable
    assert error.problem.startswith("the mail server ")


@each_moment
@pytest.mark.parametrize("how", [HANG, TRICKLE])
async def test_what_does_not_answer_in_time_is_tried_again(at: str, how: bytes) -> None:
    """However slowly it says however little."""
    is_late = at in ("DATA", "END")
    bounds = {"connect_s": 10 if is_late else 0.3, "answer_s": 0.3 if is_late else 10}
    async with raw_mail_server(**{at: how}) as server:
        error = await failure_of(in_the_clear(server.port, **bounds))

    assert type(error) is Retryable
    assert error.problem.endswith(": TimeoutError")
    assert ("to the message" in error.problem) is is_late


async def test_a_greeting_that_turns_us_away_is_not_for_good() -> None:
    """It is about our address, or about today."""
    async with raw_mail_server(GREETING=b"554 no service for you\r\n") as server:
        error = await failure_of(in_the_clear(server.port))

    assert type(error) is Retryable
    assert "554" in error.problem


async def test_a_server_without_sign_in_switches_the_channel_off(
    certificate: tuple[str, str], authority: Authority
) -> None:
    """Nobody can sign in there, however often they try."""
    async with raw_mail_server() as server:
        channel = in_the_clear(server.port)
        channel._server = replace(channel._server, user="u", password="p")
        error = await failure_of(channel)

    assert type(error) is Disabled
    assert error.problem == "the mail server offers no way to sign in"


@pytest.mark.parametrize("how", [HANG, HANG_UP, b"500 what?\r\n"])
async def test_mail_that_was_taken_is_told_whatever_comes_of_the_goodbye(how: bytes) -> None:
    """To send it again would tell it twice."""
    async with raw_mail_server(QUIT=how) as server:
        receipt = await in_the_clear(server.port).send(an_announcement(), before=soon())

    assert receipt.message_id is not None


async def test_nothing_is_sent_once_the_permission_has_run_out() -> None:
    """The last look at the clock is after the server has said that it would take the mail."""
    async with raw_mail_server() as server:
        with pytest.raises(TooLate):
            await in_the_clear(server.port).send(an_announcement(), before=monotonic_s())

        assert server.commands == ["EHLO", "MAIL", "RCPT"]


async def test_the_password_is_nowhere_to_be_read(
    mail: MailStandIn, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even where the server repeats it."""
    caplog.set_level(logging.DEBUG)
    channel = an_email(mail, authority)
    errors = []
    for command in ("AUTH", "MAIL", "RCPT", "DATA"):
        mail.refuse = {command: f"550 not with {PASSWORD}"}
        errors.append(await failure_of(channel))

    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
    told = [*ours, repr(channel), repr(channel._server), channel.fingerprint]
    told += ["".join(traceback.format_exception(error)) for error in errors]
    assert PASSWORD not in "\n".join(told)
    assert errors[3].problem.endswith("to the message: not with [password]")


def test_what_is_over_answers_the_mail_that_it_ends() -> None:
    """So that a mail program shows them together; and each has an id that stays the same."""
    raised = mail_of(an_announcement())
    over = an_announcement(a_line(over=True), kind="over")
    first, second = mail_of(over), mail_of(over)

    assert first["In-Reply-To"] == first["References"] == raised["Message-ID"]
    assert first["Message-ID"] == second["Message-ID"] != raised["Message-ID"]
    assert raised["In-Reply-To"] is None


def test_plain_text_and_html_say_the_same() -> None:
    """Both are there; each names what there is to know."""
    message = mail_of(an_announcement())
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None

    for part in (plain.get_content(), html.get_content()):
        for value in [*FACTS.values(), "$80.00 (all in)", "Cheap floor", "at most 100.00"]:
            assert value in part
    assert '<a href="https://tickets.example.com/listing/7">' in html.get_content()


def test_html_from_outside_is_text() -> None:
    """And an address that is none of the web's is no link."""
    line = a_line(
        facts={"name": "<script>alert(1)</script>", "url": "javascript:alert(1)"},
        reason='"><img src=x>',
    )
    html = mail_of(an_announcement(line)).get_body(("html",))
    assert html is not None

    assert "<script" not in html.get_content()
    assert "<img" not in html.get_content()
    assert "javascript" not in html.get_content()


def test_mail_is_ascii_in_short_lines() -> None:
    """Every server takes it so, with or without extensions."""
    sent = email_of(
        an_announcement(a_line(facts={"name": "Ünï" * 300}), *(a_line(n) for n in range(99))),
        sender="Ünï <alerts@example.com>",
        recipient="ana@example.com",
        domain="example.com",
        at=NOON,
    ).as_bytes()

    assert sent.isascii()
    assert max(map(len, sent.splitlines())) <= 998
    assert b"And 50 more." in sent
