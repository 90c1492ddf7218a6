"""When a worker is ready, as it says itself."""

import http.client
import time

from bench.marks import Stalled
from bench.process import Contending
from bench.stage import Program

_ASK_EVERY_S = 0.02
_WITHIN_S = 180.0


def until_ready(program: Program, contending: Contending) -> float:
    """Seconds until `/health/ready` answers 200, from now."""
    began = time.monotonic()
    port = int(program.environment["CONSCOPE_WEB_PORT"])
    while not _is_ready(port):
        waited_s = time.monotonic() - began
        if waited_s > _WITHIN_S or not contending.alive:
            raise Stalled(f"not ready after {waited_s:.0f} s: {contending.last_words}")
        time.sleep(_ASK_EVERY_S)
    return time.monotonic() - began


def _is_ready(port: int) -> bool:
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        asking.request("GET", "/health/ready")
        return asking.getresponse().status == 200
    except OSError:
        return False
    finally:
        asking.close()
