"""A wish to stop, noted when a signal arrives and honoured where nothing is half-done."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StoppedError(Exception):
    """Somebody asked to stop; raised by `StopRequest.check` only."""


class StopRequest:
    """Set once, never taken back."""

    def __init__(self) -> None:
        self.is_set = False

    def set(self) -> None:
        """Ask to stop."""
        self.is_set = True

    def check(self) -> None:
        """Raise where somebody has asked to stop."""
        if self.is_set:
            raise StoppedError

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Have Ctrl-C, SIGTERM and the closing of the terminal ask to stop."""

        def note(_number: int, _frame: FrameType | None) -> None:
            self.set()

        before = {number: signal.signal(number, note) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
