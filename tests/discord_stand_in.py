"""A stand-in for Discord: a small HTTP server that takes webhooks as Discord documents.

In a test: `with DiscordStandIn() as discord: … discord.url … discord.told`. By hand or as a process
of its own: `python -m tests.discord_stand_in --port 8099 --log told.jsonl --chance busy=0.1`.
"""

import argparse
import asyncio
import contextlib
import json
import random
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, get_args

from aiohttp import web

from conscope_app.core.clock import monotonic_s, utc_now
from tests.discord_behaviours import Behaviour, busy, cut_off, failure
from tests.discord_bucket import Bucket
from tests.discord_rules import Refusal, check, distinct_by_url

TOKEN = "StandInToken-abcdefghijklmnopqrstuvwxyz_0123456789"
PATH = "/api/webhooks/1234567890/{token}"

_Do = Callable[[web.Request, dict[str, Any], Behaviour], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Told:
    """One embed that arrived in an accepted message."""

    record_id: str
    message_id: str
    at: str
    epoch_ms: float
    digest: bool
    title: str
    description: str


class DiscordStandIn:
    """Serves in a thread of its own, from `with` to its end.

    What it does with the next requests is what `then` lined up; after that, one of `chances` with
    its probability, or `ok`. `limit` posts in `per_s` seconds go through; others get a 429, as do
    those before the pause is over.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        log: Path | None = None,
        chances: Mapping[Behaviour, float] | None = None,
        seed: int = 0,
        retry_after_s: float = 0.05,
        limit: int | None = None,
        per_s: float = 2.0,
        refuse: Callable[[dict[str, Any]], bool] = lambda _: False,
    ) -> None:
        self.told: list[Told] = []
        self.messages: list[dict[str, Any]] = []
        self.shown: dict[str, dict[str, Any]] = {}  # by their ids, as they read now
        self.edits: list[tuple[str, dict[str, Any]]] = []
        self.behaviours: list[str] = []
        self.queries: list[str] = []
        self.posted_at: list[float] = []
        self.refuse = refuse
        self._port = port
        self._log = log
        self._chances = dict(chances or {})
        self._random = random.Random(seed)
        self._retry_after_s = retry_after_s
        self._bucket = Bucket(limit, per_s)
        self._script: deque[Behaviour] = deque()
        self._changed = threading.Condition()
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._thread = threading.Thread(target=self._serve, name="discord stand-in", daemon=True)

    def __enter__(self) -> "DiscordStandIn":
        self._thread.start()
        if not self._ready.wait(10):
            raise TimeoutError("the stand-in for Discord did not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop listening: later posts find nobody. It may be said twice."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    def listen(self) -> None:
        """Listen again, at the same address, after `hang_up`."""
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)

    def hang_up(self) -> None:
        """End all connections; new ones are refused until `listen`."""
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(10)

    def now_and_then(self, chances: Mapping[Behaviour, float]) -> None:
        """From now on, what happens with which probability, where nothing is lined up."""
        self._chances = dict(chances)

    @property
    def url(self) -> str:
        """The webhook's address."""
        return f"http://127.0.0.1:{self._port}{PATH.format(token=TOKEN)}"

    @property
    def record_ids(self) -> list[str]:
        """The records that were told in full, in order of arrival, repetitions included."""
        with self._changed:
            return [told.record_id for told in self.told if not told.digest]

    def then(self, *behaviours: Behaviour) -> None:
        """Line up what happens to the next posts."""
        self._script.extend(behaviours)

    def wait_for_posts(self, count: int, timeout_s: float = 10) -> None:
        """Wait until so many posts arrived, answered or not."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.behaviours) >= count, timeout_s):
                raise TimeoutError(f"{len(self.behaviours)} posts came, not {count}")

    def wait_for_edits(self, count: int, timeout_s: float = 10) -> None:
        """Wait until messages were edited so many times."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.edits) >= count, timeout_s):
                raise TimeoutError(f"{len(self.edits)} edits came, not {count}")

    def delete(self, message_id: str) -> None:
        """Delete a message, as a person may."""
        with self._changed:
            del self.shown[message_id]

    def wait_for_told(self, count: int, timeout_s: float = 10) -> None:
        """Wait until so many embeds were told."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.told) >= count, timeout_s):
                raise TimeoutError(f"{len(self.told)} embeds came, not {count}")

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve_until_stopped())
        self._loop.close()

    async def _serve_until_stopped(self) -> None:
        await self._open()
        self._ready.set()
        await self._stop.wait()
        await self._shut()
        await asyncio.sleep(0)  # an aborted connection closes its socket in the loop's next turn

    async def _open(self) -> None:
        application = web.Application(client_max_size=1 << 20)
        application.router.add_post(PATH, self._webhook)
        application.router.add_post("/elsewhere", self._webhook)
        application.router.add_patch(f"{PATH}/messages/{{message}}", self._edit)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self._port).start()
        self._port = runner.addresses[0][1]
        self._runner = runner

    async def _shut(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _webhook(self, request: web.Request) -> web.StreamResponse:
        return await self._asked(request, self._take)

    async def _edit(self, request: web.Request) -> web.StreamResponse:
        return await self._asked(request, self._change)

    async def _asked(self, request: web.Request, do: _Do) -> web.StreamResponse:
        payload = await request.json()
        behaviour = self._next_behaviour()
        with self._changed:
            self.behaviours.append(behaviour)
            self.queries.append(request.query_string)
            self.posted_at.append(monotonic_s())
            self._changed.notify_all()
        if request.path == "/elsewhere" or request.match_info["token"] != TOKEN:
            behaviour = "gone"
        refusal = failure(behaviour, self._retry_after_s)
        if behaviour == "hang":
            await self._stop.wait()
        if refusal is not None:
            return refusal
        return await do(request, payload, behaviour)

    async def _take(
        self, request: web.Request, payload: dict[str, Any], behaviour: Behaviour
    ) -> web.StreamResponse:
        objection = self._objection(payload)
        if objection is not None:
            return objection
        message_id = str(10**18 + len(self.messages))
        self._keep(message_id, payload)
        return await self._answer(request, payload, behaviour, message_id)

    async def _change(
        self, request: web.Request, payload: dict[str, Any], behaviour: Behaviour
    ) -> web.StreamResponse:
        message_id = request.match_info["message"]
        if message_id not in self.shown:
            return web.json_response({"message": "Unknown Message", "code": 10008}, status=404)
        objection = self._objection(payload)
        if objection is not None:
            return objection
        with self._changed:
            self.shown[message_id] = payload
            self.edits.append((message_id, payload))
            self._changed.notify_all()
        return await self._answer(request, payload, behaviour, message_id)

    def _objection(self, payload: dict[str, Any]) -> web.Response | None:
        pause_s = self._bucket.pause_s(monotonic_s())
        if pause_s > 0:
            return busy(pause_s)
        try:
            check(payload, also_refuse=self.refuse)
        except Refusal as refusal:
            return web.json_response(refusal.body, status=400, headers={"Via": "1.1 google"})
        return None

    async def _answer(
        self, request: web.Request, payload: dict[str, Any], behaviour: Behaviour, message_id: str
    ) -> web.StreamResponse:
        """What is said of a message that was taken, or put in the place of another."""
        if behaviour == "mute":
            await self._stop.wait()
        if behaviour == "reset":
            assert request.transport is not None
            request.transport.abort()
        headers = {"Via": "1.1 google", **self._bucket.headers(monotonic_s())}
        if behaviour == "no content" or (
            behaviour == "ok"
            and request.method == "POST"
            and request.query.get("wait") not in ("true", "True", "1")
        ):
            return web.Response(status=204, headers=headers)
        if behaviour == "garbled":
            return web.Response(text='{"id": "12', content_type="application/json")
        if behaviour == "cut":
            return await cut_off(request)
        body = {"id": message_id, "embeds": payload["embeds"], "type": 0}
        return web.json_response(body, headers=headers)

    def _next_behaviour(self) -> Behaviour:
        if self._script:
            return self._script.popleft()
        draw = self._random.random()
        for behaviour, chance in self._chances.items():
            draw -= chance
            if draw < 0:
                return behaviour
        return "ok"

    def _keep(self, message_id: str, payload: dict[str, Any]) -> None:
        now = utc_now()
        told = [
            Told(
                record_id=embed.get("footer", {}).get("text", "").rpartition(" · ")[2],
                message_id=message_id,
                at=now.isoformat(),
                epoch_ms=now.timestamp() * 1000,
                digest=" … " in embed.get("footer", {}).get("text", ""),
                title=embed.get("title", ""),
                description=embed.get("description", ""),
            )
            for embed in distinct_by_url(payload["embeds"])
        ]
        if self._log is not None:
            with self._log.open("a") as log:
                log.writelines(json.dumps(asdict(one)) + "\n" for one in told)
        with self._changed:
            self.messages.append(payload)
            self.shown[message_id] = payload
            self.told.extend(told)
            self._changed.notify_all()


def _chance(text: str) -> tuple[Behaviour, float]:
    name, _, chance = text.partition("=")
    behaviours: tuple[Behaviour, ...] = get_args(Behaviour)
    for behaviour in behaviours:
        if behaviour == name:
            return behaviour, float(chance)
    raise argparse.ArgumentTypeError(f"{name!r} is none of {behaviours}")


def main(arguments: Iterable[str] | None = None) -> None:
    """Serve until interrupted; the webhook's address is the first line printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, help="one JSON line for each embed that was told")
    parser.add_argument("--chance", type=_chance, action="append", metavar="NAME=P", default=[])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--retry-after", type=float, default=0.5, metavar="SECONDS")
    parser.add_argument("--limit", type=int, help="posts in two seconds; others get a 429")
    given = parser.parse_args(None if arguments is None else list(arguments))
    stand_in = DiscordStandIn(
        port=given.port,
        log=given.log,
        chances=dict(given.chance),
        seed=given.seed,
        retry_after_s=given.retry_after,
        limit=given.limit,
    )
    with stand_in, contextlib.suppress(KeyboardInterrupt):
        print(stand_in.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
