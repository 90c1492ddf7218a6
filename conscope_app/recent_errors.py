"""What this worker has warned of lately, kept in memory for the pages."""

import logging
import traceback
from collections import OrderedDict
from datetime import timedelta

from aiokafka.errors import GroupCoordinatorNotAvailableError

from conscope_app.core.clock import EPOCH
from conscope_app.core.printable import Mask, printable
from conscope_app.stream.cluster import Warned

# They travel in a report of a few kilobytes, which each worker repeats every few seconds.
MOST_KEPT = 12
MOST_CHARACTERS = 300

# A Kafka that has just started makes the topic of its groups when it is asked for one first, and
# says until then that it has no coordinator. The client asks again by itself.
_PASSING = GroupCoordinatorNotAvailableError
PASSES_WITHIN_S = 15.0


class RecentErrors(logging.Handler):
    """Keeps the newest warnings and errors: bounded, one line each, without a secret in any.

    What is said again is counted and moves to the front, so that something which is tried each
    second does not drive out all else. What passes by itself within `PASSES_WITHIN_S` is no matter
    for a person, and is kept only where it goes on for longer. The log itself is whole; this is for
    a first look.
    """

    def __init__(self, mask: Mask) -> None:
        super().__init__(logging.WARNING)
        self._mask = mask
        self._kept: OrderedDict[tuple[str, str], Warned] = OrderedDict()
        self._passing = (0.0, 0.0)  # when it began, and when it was said last

    def newest(self) -> list[Warned]:
        """What is kept, the newest first."""
        self.acquire()
        try:
            return list(reversed(self._kept.values()))
        finally:
            self.release()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record; any thread may call it, and logging has taken the lock."""
        if _is_passing(record) and not self._goes_on(record.created):
            return
        try:
            text = self._text_of(record)
        except Exception:  # noqa: BLE001 logging's own way to say that a call of it makes no sense
            self.handleError(record)
            return
        key = (record.name, text)
        before = self._kept.pop(key, None)
        self._kept[key] = Warned(
            at=EPOCH + timedelta(seconds=round(record.created, 3)),
            level=record.levelname.lower(),
            logger=printable(record.name),
            text=text,
            times=1 if before is None else before.times + 1,
        )
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def _goes_on(self, at: float) -> bool:
        began, last = self._passing
        if not last <= at <= last + PASSES_WITHIN_S:
            began = at  # the last time it did pass, or the clock was put back
        self._passing = (began, at)
        return at - began > PASSES_WITHIN_S

    def _text_of(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += ": " + traceback.format_exception_only(record.exc_info[1])[-1].strip()
        # Masked before it is cut, or half a secret would be left at the end.
        clean = self._mask(printable(text))
        return clean if len(clean) <= MOST_CHARACTERS else f"{clean[: MOST_CHARACTERS - 1]}…"


def _is_passing(record: logging.LogRecord) -> bool:
    return isinstance(record.args, tuple) and any(
        isinstance(arg, _PASSING) or arg is _PASSING for arg in record.args
    )
