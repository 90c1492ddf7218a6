"""Ends a worker that hangs: starting again is the cure for what no exception tells of."""

import threading
import time
from collections.abc import Callable, Iterable

from conscope_app.core.clock import monotonic_s
from conscope_app.stream.ending import end_process
from conscope_app.stream.feed import Feed

CHECK_EVERY_S = 1.0

# A check that comes later than this was not late: the process stood still.
LATEST_CHECK_S = 5.0


class AwakeTime:
    """Counts the seconds in which this process ran.

    Nothing can move while it is stopped (a debugger, a laptop's lid), and what it finds afterwards
    needs a moment.
    """

    def __init__(self, now_s: float) -> None:
        self._looked_s = now_s
        self._awake_s = 0.0

    def at(self, now_s: float) -> float:
        """How long it has run, by now."""
        self._awake_s += min(now_s - self._looked_s, LATEST_CHECK_S)
        self._looked_s = now_s
        return self._awake_s


class Pulse:
    """Notes when each watched thing last moved; `stuck` names those that did not for too long."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._moved: dict[str, tuple[object, float]] = {}

    def stuck(self, moving: Iterable[tuple[str, object]], now_s: float) -> list[str]:
        """`moving` are things with work to do, each with a value that changes when it moves."""
        present = dict(moving)
        self._moved = {
            name: self._moved[name]
            if name in self._moved and self._moved[name][0] == value
            else (value, now_s)
            for name, value in present.items()
        }
        return [name for name, (_, at) in self._moved.items() if now_s - at > self._patience_s]


def moving(feeds: Iterable[Feed]) -> Iterable[tuple[str, object]]:
    """What should move: a feed without its share, and partitions that have work.

    A ledger that waits for a server and says so is not stuck, and neither is who reads to the end.
    """
    for feed in feeds:
        if not feed.assigned and feed.trouble is None:
            yield f"{feed.agent} waits for its share", feed.rounds_of_assignment
        for reader in list(feed.readers.values()):
            if not reader.waits:
                restored = getattr(reader.ledger, "restored", 0)
                yield f"{feed.agent} partition {reader.source.partition}", (reader.steps, restored)


def watch(feeds: Callable[[], Iterable[Feed]], patience_s: float) -> threading.Thread:
    """Watch from a thread of its own, so that a blocked event loop is noticed too."""
    pulse, awake = Pulse(patience_s), AwakeTime(monotonic_s())

    def check() -> None:
        while True:
            time.sleep(CHECK_EVERY_S)
            stuck = pulse.stuck(moving(feeds()), awake.at(monotonic_s()))
            if stuck:
                end_process(f"no progress for {patience_s:.0f} s: {', '.join(sorted(stuck))}")

    thread = threading.Thread(target=check, name="watchdog", daemon=True)
    thread.start()
    return thread
