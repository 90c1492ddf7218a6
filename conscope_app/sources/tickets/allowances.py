"""What the headers of an answer say of further requests."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from conscope_app.core.clock import from_epoch_ms
from conscope_app.domains.tickets.records import as_utc
from conscope_app.sources.adapter import Allowance, Answer

# A quota is for a day. What lies further off than two was read in the wrong unit.
_FURTHEST = timedelta(days=2)


def retry_after(answer: Answer) -> Allowance | None:
    """None left until then, where an answer says so: in seconds or as a date (RFC 9110, 10.2.3)."""
    said = answer.headers.get("retry-after")
    if said is None:
        return None
    try:
        if said.strip().isdecimal():
            at = answer.received_at + timedelta(seconds=int(said))
        else:
            at = as_utc(parsedate_to_datetime(said))
    except (ValueError, OverflowError):
        return None
    return Allowance(0, at) if at - answer.received_at <= _FURTHEST else None


def counted(answer: Answer, left: str, resets_ms: str) -> Allowance | None:
    """What two headers say: how many are left, and until when in milliseconds since 1970."""
    count = _number(answer.headers.get(left))
    return None if count is None else Allowance(count, _reset(answer, resets_ms))


def _reset(answer: Answer, header: str) -> datetime | None:
    milliseconds = _number(answer.headers.get(header))
    if milliseconds is None:
        return None
    try:
        at = from_epoch_ms(milliseconds)
    except OverflowError:
        return None
    return at if abs(at - answer.received_at) <= _FURTHEST else None


def _number(text: str | None) -> int | None:
    # Eighteen digits hold every time and count; `int` would refuse thousands of them.
    said = (text or "").strip()
    return int(said) if said.isascii() and said.isdecimal() and len(said) <= 18 else None
