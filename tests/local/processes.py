"""Small programs for tests that start processes, and ways to wait for what they do."""

import time
from collections.abc import Callable
from pathlib import Path

UNTIL_TOLD = "import signal; print('up', flush=True); signal.pause()"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + UNTIL_TOLD


def wait_until(holds: Callable[[], bool], limit_s: float = 20) -> None:
    """Return as soon as it holds; fail when it does not within the limit."""
    given_up_at = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < given_up_at, "it did not happen in time"
        time.sleep(0.01)


def wait_for_text(path: Path, text: str) -> None:
    """Return as soon as the file holds the text."""
    wait_until(lambda: path.exists() and text in path.read_text())
