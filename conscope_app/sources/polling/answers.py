"""What came of a request, as a value with its reason; each kind has its own consequence."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import NamedTuple

from conscope_app.sources.adapter import Adapter, Answer, Misread, Reading, Request
from conscope_app.sources.polling.events import Sight, sights
from conscope_app.sources.polling.misreadings import incomplete, unread_but_there

_LONGEST_WAIT = timedelta(days=1)  # one broken header blocks a source no longer than that

_HTML = (b"<!doctype", b"<html")


class Trouble(StrEnum):
    """Why an answer is of no use; the same request may be of use later."""

    TOO_MANY = "too many requests"
    SERVER = "the server failed"
    TIMEOUT = "no answer in time"
    UNREACHABLE = "not reached"
    HALF_BODY = "the answer broke off"
    HTML = "a page for people, not data"
    MISREAD = "an answer of another shape"
    REFUSED = "the request was refused"


class Heard(NamedTuple):
    """An answer that could be read: of each event what it says, and those it says in vain.

    `incomplete` counts the events of which something could not be read.
    """

    reading: Reading
    seen: Mapping[str, Sight]
    unread: frozenset[str]
    incomplete: int


class Unchanged(NamedTuple):
    """The vendor says that nothing has changed since the answer that it is asked about (304)."""


class Failed(NamedTuple):
    """No answer that is of use. `not_before` is what the vendor asks for, where it does."""

    trouble: Trouble
    reason: str
    not_before: datetime | None = None


class Refused(NamedTuple):
    """The request itself is at fault: sent again as it is, it would be refused again."""

    status: int
    reason: str

    @property
    def is_gone(self) -> bool:
        """Whether what was asked for does not exist."""
        return self.status in {404, 410}


class Unauthorised(NamedTuple):
    """The key is not accepted; with it nothing is to be asked any more."""

    reason: str


Outcome = Heard | Unchanged | Failed | Refused | Unauthorised


def judge(adapter: Adapter, request: Request, answer: Answer) -> Outcome:
    """What an answer means. It takes as long as the answer is large."""
    status = answer.status
    if status == 200:
        return _read(adapter, request, answer)
    if status == 304:
        return Unchanged()
    if status in {401, 403}:
        return Unauthorised(f"the key was answered with {status}")
    if status == 429:
        return Failed(Trouble.TOO_MANY, "answered with 429", _not_before(adapter, answer))
    if status >= 500 or status in {408, 425}:
        asked = _retry_after(answer)
        return Failed(Trouble.SERVER, f"answered with {status}", asked)
    where = ", which leads elsewhere and is not followed" if 300 <= status < 400 else ""
    return Refused(status, f"answered with {status}{where}")


def _read(adapter: Adapter, request: Request, answer: Answer) -> Heard | Failed:
    kind = answer.headers.get("content-type", "")
    if "html" in kind.lower() or answer.body[:64].lstrip().lower().startswith(_HTML):
        return Failed(Trouble.HTML, "answered with a page for people")
    try:
        reading = adapter.read(request, answer)
    except Misread as error:
        return Failed(Trouble.MISREAD, f"cannot be read: {error}")
    seen = sights(reading)
    unread = unread_but_there(reading, seen)
    return Heard(reading, seen, unread, incomplete(reading, seen))


def _not_before(adapter: Adapter, answer: Answer) -> datetime | None:
    asked = _retry_after(answer)
    if asked is not None:
        return asked
    allowance = adapter.allowance(answer)
    if allowance is None or allowance.left > 0 or allowance.resets_at is None:
        return None
    return min(allowance.resets_at, answer.received_at + _LONGEST_WAIT)


def _retry_after(answer: Answer) -> datetime | None:
    """Seconds or a date (RFC 9110, 10.2.3); None where the header holds neither."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=min(int(text[:9]), _LONGEST_WAIT.total_seconds()))
        return answer.received_at + wait
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(moment, answer.received_at + _LONGEST_WAIT)
