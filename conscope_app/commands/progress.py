"""A line that says how far something is: it rewrites itself, or repeats where it cannot."""

from collections.abc import Callable
from typing import Self

from rich.console import Console
from rich.status import Status


class ProgressLine:
    """Shows the newest text of many; on a terminal in place, elsewhere a line now and then."""

    def __init__(
        self, console: Console, *, every_s: float, monotonic_s: Callable[[], float]
    ) -> None:
        self._console = console
        self._every_s = 0.2 if console.is_terminal else every_s
        self._monotonic_s = monotonic_s
        self._status = Status("", console=console) if console.is_terminal else None
        self._next_s = monotonic_s() + self._every_s

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._status is not None:
            self._status.stop()

    def show(self, progress: object) -> None:
        """Show it, unless the last one was shown a moment ago."""
        now_s = self._monotonic_s()
        if now_s < self._next_s:
            return
        self._next_s = now_s + self._every_s
        if self._status is not None:
            self._status.update(str(progress))
        else:
            self._console.print(str(progress), highlight=False, soft_wrap=True)
