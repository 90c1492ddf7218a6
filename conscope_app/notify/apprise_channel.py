"""Any of the services that Apprise knows, as a channel: an extra (`conscope[apprise]`)."""

import asyncio
import json
import os
import subprocess
import sys
from functools import cached_property
from typing import Any

from conscope_app.alerting.watches.announcement import Announcement
from conscope_app.alerting.watches.watch import Severity
from conscope_app.core.clock import monotonic_s
from conscope_app.notify.announcement_wording import headline, plain_text
from conscope_app.notify.apprise_address import AppriseAddress
from conscope_app.notify.base import (
    Disabled,
    NotifyError,
    Receipt,
    Rejected,
    Retryable,
    TooLate,
)
from conscope_app.notify.channels import ChannelKind
from conscope_app.notify.fingerprint import fingerprint_of

ANSWER_S = 20.0
SLACK_S = 2.0  # for a process to be ended and taken leave of

# Most services cut texts off at some thousand characters; the headline says how many there are.
_MOST_SHOWN = 10

_PROGRAM = "conscope_app.notify.apprise_process"
_TYPES: dict[Severity, str] = {"info": "info", "warning": "warning", "critical": "failure"}

# Every answer of these says that we are not wanted, or not known, at this address.
_REFUSES_US = frozenset({401, 403, 404, 410})


class AppriseChannel:
    """Tells one target of one service. Each message has a process of its own, ended in time.

    Apprise says whether it worked, not why not. All that was not told is tried again, but what the
    service answered with nothing but 401, 403, 404 or 410. Where an address has several targets,
    and one of them fails, the others are told again.
    """

    kind: ChannelKind = "apprise"
    can_edit = False

    def __init__(
        self,
        name: str,
        address: AppriseAddress,
        *,
        private: bool = False,
        answer_s: float = ANSWER_S,
    ) -> None:
        self.name = name
        self.send_s = answer_s + SLACK_S
        self._address = address
        self._private = private
        self._answer_s = answer_s

    def __repr__(self) -> str:
        return f"AppriseChannel({self.name!r}, {self._address!r})"

    @cached_property
    def fingerprint(self) -> str:
        """Tells this address from another one."""
        return fingerprint_of(self._address.reveal())

    async def send(self, announcement: Announcement, *, before: float) -> Receipt:
        """Have Apprise send the message once. No service says under which id it can be edited."""
        order = {
            "url": self._address.reveal(),
            "title": _harmless(headline(announcement)),
            "body": _harmless(plain_text(announcement, most=_MOST_SHOWN)),
            "type": _TYPES[announcement.severity],
            "private": self._private,
            "seconds": self._answer_s,
        }
        said = await asyncio.to_thread(self._run, json.dumps(order), before)
        problem = self._judge(said)
        if problem is not None:
            raise problem
        return Receipt(None)

    async def edit(self, reference: str, announcement: Announcement, *, before: float) -> Receipt:
        """Apprise edits nothing."""
        raise Rejected("a message that Apprise has sent cannot be edited")

    async def close(self) -> None:
        """Nothing is held between messages."""

    def _run(self, order: str, before: float) -> dict[str, Any]:
        """What the process said; only what it was about where it said nothing sensible."""
        if monotonic_s() >= before:
            raise TooLate("the lease had run out before the message was sent")
        try:
            done = subprocess.run(  # noqa: S603 our own module; what it is told comes by stdin
                [sys.executable, "-P", "-X", "utf8", "-m", _PROGRAM],
                input=order,
                encoding="utf-8",
                # Nothing of ours: neither settings with secrets, nor proxies.
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # a library's words may hold the address
                timeout=self._answer_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"outcome": "late"}
        except OSError as error:
            return {"outcome": f"no process: {type(error).__name__}"}
        try:
            said = json.loads(done.stdout)
        except ValueError:
            said = None
        return said if isinstance(said, dict) else {"outcome": f"ended with {done.returncode}"}

    def _judge(self, said: dict[str, Any]) -> NotifyError | None:
        service = self._address.kind
        statuses = said.get("statuses") or []
        match said["outcome"]:
            case "told":
                return None
            case "not understood":
                return Disabled(f"Apprise does not understand the address of {service}")
            case "private":
                return Retryable(f"{service} is at an address that is not public")
            case "not told" if statuses:
                problem = f"{service} answered {', '.join(map(str, statuses))}"
                return Disabled(problem) if _REFUSES_US.issuperset(statuses) else Retryable(problem)
            case "not told":
                return Retryable(f"{service} could not be told")
        return Retryable(f"{service} could not be told: {said['outcome']}")


def _harmless(text: str) -> str:
    """Without a mention of everybody, in any service's way of writing one."""
    return text.replace("@", "@\u200b").replace("<!", "<\u200b!")
