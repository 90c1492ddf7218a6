"""When workers are ready, as they say themselves."""

import http.client
import time
from collections.abc import Sequence

from bench.marks import Stalled
from bench.process import Contending, Together
from bench.stage import Program

_ASK_EVERY_S = 0.05
_WITHIN_S = 180.0


def until_ready(
    programs: Sequence[Program], contending: Contending | Together, *, for_s: float = 0
) -> None:
    """Return when `/health/ready` of every one has answered 200 for so many seconds on end.

    Workers that have just started take partitions from each other: then one may be ready, and a
    moment later not.
    """
    began = since = time.monotonic()
    ports = [int(program.environment["CONSCOPE_WEB_PORT"]) for program in programs]
    while True:
        ready = all(map(_is_ready, ports))
        now = time.monotonic()
        if not ready:
            since = now
        elif now - since >= for_s:
            return
        if now - began > _WITHIN_S or not contending.alive:
            raise Stalled(f"not ready after {now - began:.0f} s: {contending.last_words}")
        time.sleep(_ASK_EVERY_S)


def _is_ready(port: int) -> bool:
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        asking.request("GET", "/health/ready")
        return asking.getresponse().status == 200
    except OSError:
        return False
    finally:
        asking.close()
