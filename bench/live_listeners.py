"""Many who keep a live page open, as a process of its own: how old is what each of them knows?

Each is a connection of its own, which takes all that comes and looks only for the moments
(`as_of`) in it. Prints a line when all of them have been told something, and what it saw as JSON
when its time is over or SIGTERM comes.
"""

import argparse
import asyncio
import re
import signal
import sys
import time
from collections import Counter
from datetime import datetime
from functools import partial
from typing import cast

import msgspec

from conscope_app.core.clock import monotonic_s, utc_now

# The streams of a browser are opened one by one, too.
_OPENED_AT_ONCE = 50
_LOOK_EVERY_S = 0.25
_STEP_MS = 5
_MOMENT = re.compile(rb'"as_of":"([^"]+)"')
_LONGEST = 50
_ALL_TOLD_WITHIN_S = 60.0


class Seen(msgspec.Struct, frozen=True):
    """How old the newest was that each client knew, looked at four times a second.

    The most is exact: it is taken whenever something newer comes. `late` is how old something was
    when it came.
    """

    clients: int
    left: int
    age_p50_ms: float
    age_p99_ms: float
    age_max_ms: float
    late_p50_ms: float
    late_p99_ms: float
    late_max_ms: float
    told: int
    megabytes: float
    seconds: float
    cpu_s: float


class Ages:
    """A distribution in steps of a few milliseconds, however many are added."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self.most_ms = 0.0

    def add(self, age_s: float) -> None:
        """Count one."""
        self._counts[int(age_s * 1_000 / _STEP_MS)] += 1
        self.most_ms = max(self.most_ms, age_s * 1_000)

    def centile(self, share: float) -> float:
        """The age that so large a share stays under, rounded up to a step."""
        left = self._counts.total() * share
        for step, count in sorted(self._counts.items()):
            left -= count
            if left <= 0:
                return float((step + 1) * _STEP_MS)
        return 0.0


class Crowd:
    """All clients together; `counts` is false until the warm-up is over."""

    def __init__(self, clients: int) -> None:
        self.clients = clients
        self.left = self.told = self.bytes = 0
        self.ages, self.late = Ages(), Ages()
        self.counts = False
        self.listening: set[Listener] = set()
        self.all_told = asyncio.Event()
        self._told_once: set[Listener] = set()

    def heard(self, listener: "Listener", before: float, as_of: float) -> None:
        """A client was told something newer."""
        if len(self._told_once) < self.clients:
            self._told_once.add(listener)
            if len(self._told_once) == self.clients:
                self.all_told.set()
        if self.counts and as_of > before:
            now = utc_now().timestamp()
            self.told += 1
            self.late.add(now - as_of)
            self.ages.most_ms = max(self.ages.most_ms, (now - before) * 1_000)

    async def look(self, until_s: float, stopped: asyncio.Event) -> None:
        """Note the age of what each knows, again and again."""
        while not stopped.is_set() and monotonic_s() < until_s:
            now = utc_now().timestamp()
            for listener in self.listening:
                self.ages.add(now - listener.as_of)
            await asyncio.sleep(_LOOK_EVERY_S)


class Listener(asyncio.Protocol):
    """One client."""

    def __init__(self, crowd: Crowd, request: bytes) -> None:
        self.as_of = 0.0
        self._crowd = crowd
        self._request = request
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(self._request)
        self._crowd.listening.add(self)

    def data_received(self, data: bytes) -> None:
        self._crowd.bytes += len(data)
        data = self._rest + data
        found = [*_MOMENT.finditer(data)][-1:]
        # A moment that is cut off by the end of what has come is found when the rest is there.
        self._rest = data[max(found[0].end() if found else 0, len(data) - _LONGEST) :]
        if found:
            moment = datetime.fromisoformat(found[0][1].decode()).timestamp()
            before, self.as_of = self.as_of, moment
            self._crowd.heard(self, before, moment)

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.listening.discard(self)
        self._crowd.left += 1


def main() -> int:
    """Listen for so long, and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--page", action="append", required=True, help="they are spread over these")
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--seconds", type=float, required=True)
    print(asyncio.run(_listen(parser.parse_args())), flush=True)
    return 0


async def _listen(options: argparse.Namespace) -> str:
    loop, crowd, stopped = asyncio.get_running_loop(), Crowd(options.clients), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    for first in range(0, options.clients, _OPENED_AT_ONCE):
        numbers = range(first, min(first + _OPENED_AT_ONCE, options.clients))
        requests = [_request(options, options.page[at % len(options.page)]) for at in numbers]
        listeners = [Listener(crowd, request) for request in requests]
        made = (
            loop.create_connection(partial(_same, each), "127.0.0.1", options.port)
            for each in listeners
        )
        await asyncio.gather(*made)
    await asyncio.wait_for(crowd.all_told.wait(), _ALL_TOLD_WITHIN_S)
    print(f"all are told: {options.clients}", flush=True)
    crowd.counts = True
    began_s, cpu_s = monotonic_s(), time.process_time()
    await crowd.look(began_s + options.seconds, stopped)
    return _said(crowd, monotonic_s() - began_s, time.process_time() - cpu_s)


def _same(listener: Listener) -> Listener:
    return listener


def _request(options: argparse.Namespace, page: str) -> bytes:
    head = f"GET /live?page={page} HTTP/1.1\r\nHost: 127.0.0.1:{options.port}\r\n"
    return f"{head}Accept: text/event-stream\r\n\r\n".encode()


def _said(crowd: Crowd, seconds: float, cpu_s: float) -> str:
    seen = Seen(
        clients=crowd.clients,
        left=crowd.left,
        age_p50_ms=crowd.ages.centile(0.5),
        age_p99_ms=crowd.ages.centile(0.99),
        age_max_ms=round(crowd.ages.most_ms, 1),
        late_p50_ms=crowd.late.centile(0.5),
        late_p99_ms=crowd.late.centile(0.99),
        late_max_ms=round(crowd.late.most_ms, 1),
        told=crowd.told,
        megabytes=round(crowd.bytes / 1e6, 1),
        seconds=round(seconds, 1),
        cpu_s=round(cpu_s, 2),
    )
    return msgspec.json.encode(seen).decode()


if __name__ == "__main__":
    sys.exit(main())
