"""What the outbox of watches is told of an attempt, by what came of it."""

from datetime import datetime, timedelta
from functools import partial

from conscope_app.alerting.budget import Spent
from conscope_app.alerting.watches.telling import Outcome, Task, TellingNote
from conscope_app.notify.backoff import GRACE_S, backoff_s
from conscope_app.notify.base import Disabled, NotifyError, Receipt, Rejected, Retryable
from conscope_app.notify.channels import MessageGone


def note_of_telling(task: Task, receipt: Receipt, *, now: datetime, spent: Spent) -> TellingNote:
    """The message was taken; `spent` is the budget after it."""
    return TellingNote(
        task=task,
        outcome=Outcome.TOLD,
        message_id=receipt.message_id,
        spent=spent,
        blocked_until=now + timedelta(seconds=receipt.pause_s) if receipt.pause_s else None,
        reckoned_at=now,
    )


def note_of_trouble(
    task: Task, error: NotifyError, *, now: datetime, spent: Spent, jitter: float, owner: str
) -> TellingNote:
    """The message was not taken, or nobody knows whether it was.

    `owner` is put before the reason for which a channel is disabled: the fingerprint of the
    address that it was disabled for.
    """
    note_of = partial(
        TellingNote,
        task=task,
        error=error.problem,
        invalid_answers=int(error.invalid),
        reckoned_at=now,
    )
    match error:
        case Retryable():
            wait = timedelta(seconds=_wait_s(task, error, jitter))
            return note_of(outcome=Outcome.UNCERTAIN, blocked_until=now + wait)
        case Rejected():
            return note_of(outcome=Outcome.REFUSED, spent=spent)
        case MessageGone():
            return note_of(outcome=Outcome.GONE, spent=spent)
        case Disabled():
            return note_of(outcome=Outcome.NOT_TOLD, disable=f"{owner} {error.problem}")
    return TellingNote(task=task, outcome=Outcome.NOT_TOLD, reckoned_at=now)


def _wait_s(task: Task, error: Retryable, jitter: float) -> float:
    """What the channel asked for, or longer for each failure that its episodes have been through.

    The outbox keeps that count, so that a process that starts anew does not begin from nothing.
    """
    if error.retry_after_s is not None:
        return error.retry_after_s + GRACE_S
    return backoff_s(1 + task.attempts, jitter)
