"""What the answer of a webhook means whose owner we do not know.

Only its own clear word gives a message up or switches it off; whatever may pass is tried again.
"""

from collections.abc import Mapping

from conscope_app.notify.asked_wait import seconds_of
from conscope_app.notify.base import Disabled, NotifyError, Rejected, Retryable

_SHOWN = 200  # characters of an answer that an error repeats

# About the address, the signature or the method, not about this message: any other one would be
# answered the same. 410 is how Standard Webhooks has a receiver end it; 301 and 308 say that the
# address has moved for good, and we follow no redirect.
_REFUSES_US = frozenset({301, 308, 401, 403, 404, 405, 410, 415})

_TRY_AGAIN = frozenset({408, 421, 425, 429})


def judge(status: int, headers: Mapping[str, str], body: str) -> None:
    """Nothing where the message was taken; raises the `NotifyError` that the answer means."""
    if not 200 <= status < 300:
        raise _refusal(status, headers, body)


def _refusal(status: int, headers: Mapping[str, str], body: str) -> NotifyError:
    shown = " ".join(body.replace("\0", " ").split())[:_SHOWN] or "nothing"
    problem = f"the webhook answered {status}: {shown}"
    if status in _REFUSES_US:
        return Disabled(problem)
    if 400 <= status < 500 and status not in _TRY_AGAIN:
        return Rejected(problem)
    return Retryable(problem, retry_after_s=seconds_of(headers.get("retry-after")))
