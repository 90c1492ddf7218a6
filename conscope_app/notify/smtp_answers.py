"""What it means where a mail server does not take a message.

An answer is judged by how far we had come: 4xx passes, and 5xx is about whatever was said last.
https://www.rfc-editor.org/rfc/rfc5321#section-4.2
"""

import base64
import ssl
from enum import Enum

from aiosmtplib import SMTPException, SMTPResponseException

from conscope_app.notify.base import Disabled, NotifyError, Rejected, Retryable

_SHOWN = 200  # characters of an answer that an error repeats

# A mailbox that is full gets emptied; RFC 3463 has 5.2.2 for it, older servers say 552.
_FULL = 552
_FULL_MAILBOX = "5.2.2"


class Phase(Enum):
    """How far a conversation has come; the value says it in an error."""

    CONNECT = "while connecting"
    SIGN_IN = "to our user and password"
    SENDER = "to the sender"
    RECIPIENT = "to the recipient"
    MESSAGE = "to the message"


def judge(phase: Phase, error: Exception, password: str | None) -> NotifyError:
    """What an error means that came up in a phase. Its text holds no password."""
    if not isinstance(error, SMTPResponseException):
        return _without_an_answer(phase, error)
    code = error.code
    # Signing in is where a server may repeat what it was told.
    said = "" if phase is Phase.SIGN_IN else _shown(error.message, password)
    problem = f"the mail server answered {code} {phase.value}{f': {said}' if said else ''}"
    if not 500 <= code < 600 or phase is Phase.CONNECT:
        return Retryable(problem)
    if code == _FULL or _FULL_MAILBOX in error.message:
        return Retryable(problem)
    return Rejected(problem) if phase is Phase.MESSAGE else Disabled(problem)


def _without_an_answer(phase: Phase, error: Exception) -> NotifyError:
    # The library puts errors of its own around those of sockets.
    cause = (isinstance(error, SMTPException) and error.__cause__) or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Retryable("the mail server's certificate is not trusted")
    # The library's own word, and none of its kinds: the server does not offer what is needed.
    if type(error) is SMTPException and phase is Phase.CONNECT:
        # Somebody in between may have taken the offer away: not a reason to give up for good.
        return Retryable("the mail server does not offer STARTTLS")
    if type(error) is SMTPException and phase is Phase.SIGN_IN:
        return Disabled("the mail server offers no way to sign in")
    return Retryable(f"the mail server did not answer {phase.value}: {type(cause).__name__}")


def _shown(message: str, password: str | None) -> str:
    text = " ".join(message.replace("\0", " ").split())
    for secret in _forms(password):
        text = text.replace(secret, "[password]")
    return text[:_SHOWN]


def _forms(password: str | None) -> list[str]:
    if not password:
        return []
    return [password, base64.b64encode(password.encode()).decode()]
