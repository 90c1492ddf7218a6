"""What Discord's answer to a webhook means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from conscope_app.notify.asked_wait import seconds_of
from conscope_app.notify.base import Disabled, NotifyError, Receipt, Rejected, Retryable
from conscope_app.notify.channels import MessageGone

_SHOWN = 300  # characters of an answer that an error repeats

# Answers of 400 that are about where the webhook points (a forum, which wants a thread), not about
# this message: every message would be refused, so none of them may be given up.
# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
_WRONG_PLACE = frozenset({220_001, 220_002, 220_003, 220_004})

# The message was deleted, or is one of a webhook that was here before.
_UNKNOWN_MESSAGE = 10_008
_ANOTHER_AUTHOR = 50_005

_REFUSES_US = frozenset({401, 403})
_TRY_AGAIN = frozenset({408, 425})


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with headers (names in lower case) and as much of the body as was read."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def said(self) -> dict[str, Any]:
        """The body as Discord's JSON object; empty where it is anything else."""
        try:
            said = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return {}
        return said if isinstance(said, dict) else {}


def judge(answer: Answer) -> Receipt:
    """The receipt of a message that was taken; raises the `NotifyError` that the answer means."""
    if 200 <= answer.status < 300:
        # The message is out, whatever the body holds: it must not be told again.
        message_id = answer.said.get("id")
        return Receipt(message_id if isinstance(message_id, str) else None, _pause(answer))
    raise _refusal(answer)


def judge_edit(answer: Answer) -> Receipt:
    """The same of an edit; `MessageGone` where Discord has the webhook, but not its message."""
    code = answer.said.get("code")
    # What is no word of Discord's own says nothing of the webhook: a new message will find out.
    is_gone = answer.status == 404 and (code == _UNKNOWN_MESSAGE or not answer.said)
    if is_gone or code == _ANOTHER_AUTHOR:
        raise MessageGone(f"Discord answered {answer.status}: {_shown(answer)}", invalid=True)
    return judge(answer)


def _refusal(answer: Answer) -> NotifyError:
    status, said = answer.status, answer.said
    problem = f"Discord answered {status}: {_shown(answer)}"
    if status == 429:
        return Retryable(problem, retry_after_s=_retry_after(answer), invalid=True)
    if status == 404:
        # Whatever the body holds: a webhook that is not there must not be asked again.
        return Disabled(problem, invalid=True)
    if status in _REFUSES_US:
        # A page of Cloudflare's is about our address, and passes; Discord's own word does not.
        return Disabled(problem, invalid=True) if said else Retryable(problem, invalid=True)
    if 400 <= status < 500 and status not in _TRY_AGAIN and said:
        wrong_place = said.get("code") in _WRONG_PLACE
        return Disabled(problem) if wrong_place else Rejected(problem)
    # Its own troubles, a redirect (never followed), or somebody between us and Discord.
    return Retryable(problem, retry_after_s=seconds_of(answer.headers.get("retry-after")))


def _retry_after(answer: Answer) -> float | None:
    """What a 429 asks for: the body's seconds are exact, the headers' are rounded up."""
    for asked in (
        answer.said.get("retry_after"),
        answer.headers.get("retry-after"),
        answer.headers.get("x-ratelimit-reset-after"),
    ):
        seconds = seconds_of(asked)
        if seconds is not None:
            return seconds
    return None


def _pause(answer: Answer) -> float:
    """How long the channel's bucket is empty after a message that was taken."""
    if answer.headers.get("x-ratelimit-remaining") != "0":
        return 0.0
    return seconds_of(answer.headers.get("x-ratelimit-reset-after")) or 0.0


def _shown(answer: Answer) -> str:
    text = " ".join(answer.body[: 4 * _SHOWN].decode("utf-8", "replace").replace("\0", " ").split())
    return text[:_SHOWN] or "nothing"
