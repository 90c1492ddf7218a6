"""Workers under a supervisor: who ends is started again, as systemd or Kubernetes would."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from conscope_app.core.clock import utc_now
from conscope_app.stream.ending import EXIT_STAY_DOWN
from tests.broker.pipeline import Worker, eventually

_LOOK_EVERY_S = 0.1
_RESTART_AFTER_S = 1.0


@dataclass
class Ends:
    """How workers ended without having been told to, and when (seconds of the epoch)."""

    codes: list[tuple[str, int]] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    stayed_down: list[str] = field(default_factory=list)


class Crew:
    """The workers that should be running, and a thread that starts again whoever is not.

    Whoever is not started again after it was killed on purpose is `retired` first.
    """

    def __init__(self) -> None:
        self.ends = Ends()
        self._members: dict[str, Worker] = {}
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name="supervisor", daemon=True)
        self._thread.start()

    @property
    def members(self) -> list[Worker]:
        """The workers that should be running."""
        with self._lock:
            return list(self._members.values())

    def hire(self, worker: Worker) -> Worker:
        """Start a worker and keep it running."""
        with self._lock:
            self._members[worker.name] = worker.start()
        return worker

    def retire(self, worker: Worker) -> None:
        """Let the worker end without being started again."""
        with self._lock:
            self._members.pop(worker.name, None)

    def kill(
        self,
        worker: Worker,
        *,
        wipe: bool = False,
        killed: Callable[[], None] = lambda: None,
    ) -> None:
        """SIGKILL; it is started again at once, without its data directory where that is wiped.

        `killed` is called in between.
        """
        with self._lock:
            worker.kill()
            killed()
            if wipe:
                worker.wipe()
            worker.start()

    def stop(self, worker: Worker) -> int:
        """SIGTERM; gives the exit code. It is not started again."""
        self.retire(worker)
        return worker.stop()

    def until_ready(self, *, within_s: float = 120) -> None:
        """Wait until every member is ready at the same time."""
        eventually(
            lambda: all(worker.get("/health/ready") for worker in self.members),
            within_s=within_s,
            what="all workers ready",
        )

    def close(self) -> None:
        """Supervise nobody any more; the workers go on."""
        self._over.set()
        self._thread.join()

    def _supervise(self) -> None:
        down_since: dict[str, float] = {}
        while not self._over.wait(_LOOK_EVERY_S):
            with self._lock:
                for worker in self.members:
                    code = worker.process.poll()
                    if code is None:
                        down_since.pop(worker.name, None)
                    else:
                        self._look_after(worker, code, down_since)

    def _look_after(self, worker: Worker, code: int, down_since: dict[str, float]) -> None:
        now = time.monotonic()
        if worker.name not in down_since:
            down_since[worker.name] = now
            self.ends.codes.append((worker.name, code))
            self.ends.at.append(utc_now().timestamp())
        if code == EXIT_STAY_DOWN:
            self.ends.stayed_down.append(f"{worker.name}: {worker.log.splitlines()[-1]}")
            del self._members[worker.name]
        elif now - down_since[worker.name] >= _RESTART_AFTER_S:
            down_since.pop(worker.name)
            worker.start()
