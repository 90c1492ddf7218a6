"""What the outbox is told of an attempt, by what came of it."""

from datetime import datetime, timedelta

from conscope_app.alerting.budget import Spent
from conscope_app.alerting.grouping import Message
from conscope_app.alerting.outbox import Note
from conscope_app.notify.backoff import GRACE_S, backoff_s
from conscope_app.notify.base import Disabled, NotifyError, Receipt, Rejected, Retryable


def note_of_receipt(message: Message, receipt: Receipt, *, now: datetime, spent: Spent) -> Note:
    """The message was taken: everything in it is told, `spent` is the budget after it."""
    return Note(
        sent=tuple(alert.delivery_id for alert in message.alerts),
        folded=tuple(alert.delivery_id for alert in message.folded),
        message_id=receipt.message_id,
        spent=spent,
        blocked_until=now + timedelta(seconds=receipt.pause_s) if receipt.pause_s else None,
        reckoned_at=now,
    )


def note_of_failure(
    message: Message, error: NotifyError, *, now: datetime, spent: Spent, jitter: float, owner: str
) -> Note:
    """The message was not taken. Only an alert that was refused alone is given up.

    `owner` is put before the reason for which a channel is disabled: the fingerprint of the
    address that it was disabled for.
    """
    tried = tuple(alert.delivery_id for alert in message.alerts)
    invalid = int(error.invalid)
    match error:
        case Rejected() if len(tried) == 1:
            return Note(
                dead=tried,
                error=error.problem,
                spent=spent,
                invalid_answers=invalid,
                reckoned_at=now,
            )
        case Rejected():
            return Note(
                failed=tried,
                error=error.problem,
                spent=spent,
                invalid_answers=invalid,
                reckoned_at=now,
            )
        case Disabled():
            reason = f"{owner} {error.problem}"
            return Note(failed=tried, error=error.problem, disable=reason, invalid_answers=invalid)
        case Retryable():
            wait = timedelta(seconds=_wait_s(message, error, jitter))
            return Note(
                failed=tried,
                error=error.problem,
                blocked_until=now + wait,
                invalid_answers=invalid,
                reckoned_at=now,
            )
    return Note()


def _wait_s(message: Message, error: Retryable, jitter: float) -> float:
    """What the channel asked for, or longer for each failure that its alerts have been through.

    The outbox keeps that count, so that a process that starts anew does not begin from nothing.
    """
    if error.retry_after_s is not None:
        return error.retry_after_s + GRACE_S
    return backoff_s(1 + max(alert.attempts for alert in message.alerts), jitter)
