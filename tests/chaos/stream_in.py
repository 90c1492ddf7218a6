"""The steady stream into raw_prices: `produce mock`, started again where it gave up."""

import signal
import subprocess
import threading
import time

from tests.broker.pipeline import Pipeline

_LOOK_EVERY_S = 0.1
_RESTART_AFTER_S = 1.0
_STOP_S = 30.0


class StreamIn:
    """Keeps a source running until `stop`: a broker that is away ends it, and it comes back."""

    def __init__(self, pipeline: Pipeline, *, rate: int, seed: int) -> None:
        self._pipeline = pipeline
        self._arguments = ("produce", "mock", "--rate", str(rate), "--seed", str(seed))
        self._over = threading.Event()
        self._process = pipeline.begin(*self._arguments)
        self._thread = threading.Thread(target=self._keep, name="stream in", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it in order: everything that it had in hand is in the log."""
        self._over.set()
        self._thread.join()
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(timeout=_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _keep(self) -> None:
        while not self._over.wait(_LOOK_EVERY_S):
            if self._process.poll() is not None:
                time.sleep(_RESTART_AFTER_S)
                self._process = self._pipeline.begin(*self._arguments)
