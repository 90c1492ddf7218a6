"""One poller per source: asks, reads, publishes, and only then notes what it has done.

What a kill does, wherever it comes:

- before the request is counted: nothing has happened
- after that, before or while it is sent: one request of the day is lost; the same is asked again
- after the answer, before all of it is acknowledged by Kafka: the same is asked again; what had
  arrived is published twice, which is what every later step expects of a source
- after that, before it is noted: the same
- after the note: nothing is asked again

An error between two steps is treated as a kill: what the poller has in mind by then is ahead of
what is stored, so another one begins from there.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol
from urllib.parse import urlencode, urlsplit

from conscope_app.core.clock import Clock
from conscope_app.domains.tickets.happenings import source_record
from conscope_app.http.bounded_http import Response
from conscope_app.http.fetching import BrokeOff, NoAnswer, NotReached, TooLarge, TooSlow
from conscope_app.sources.adapter import Adapter, Answer, Reading, Request
from conscope_app.sources.base import Outgoing, Publishing, outgoing, outgoing_market
from conscope_app.sources.lowest import lowest_of_poll
from conscope_app.sources.polling.answers import Failed, Outcome, Trouble, judge
from conscope_app.sources.polling.health import Health
from conscope_app.sources.polling.plan import Plan
from conscope_app.sources.polling.spells import News, go_on, news_of, told
from conscope_app.sources.polling.turns import Asking, Changes

logger = logging.getLogger(__name__)

_WATCHES_EVERY = timedelta(seconds=30)

# A poller that has nothing to do looks whether something has changed from outside.
_LONGEST_REST = timedelta(seconds=30)

_TROUBLES: Mapping[type[NoAnswer], Trouble] = {
    NotReached: Trouble.UNREACHABLE,
    TooSlow: Trouble.TIMEOUT,
    BrokeOff: Trouble.HALF_BODY,
    TooLarge: Trouble.MISREAD,
}

# The event loop is held up for some milliseconds at most: 100 KB are about 50 events of a vendor.
_LARGE = 128 * 1024
_MANY = 500

_MASKED = "[key]"
# What is shorter is no key, and stands in answers for other reasons.
_SHORTEST_KEY = 6


class Fetching(Protocol):
    """Who gets answers: `http.fetching.Fetcher`."""

    async def get(self, target: str, headers: Mapping[str, str]) -> Response:
        """The answer, whole. Raises `NoAnswer`."""


class Notebook(Protocol):
    """What is stored of the source, and survives the poller."""

    async def spend(self, hour: int, count: int) -> None:
        """Count a request before it is sent. Raises where it must not be sent."""

    async def note(self, changes: Changes | None, plan: Plan, health: Health) -> None:
        """Note what came of a request, or how the source is doing."""

    async def watched(self) -> Collection[str]:
        """The events that somebody watches."""


class Recording(Protocol):
    """Who keeps what was said. Called away from the event loop, once for each answer."""

    def record(self, source: str, request: Request, answer: Answer) -> None:
        """Keep an exchange; the request is the one without the key."""


class Outlets(NamedTuple):
    """Where readings go, to `raw_prices` and `market_snapshots`; to `watched_prices`, what watches
    are told of the source itself.
    """

    prices: Publishing
    snapshots: Publishing
    watched: Publishing


class Poller:
    """Polls one source, one request at a time. `key` is None for a source that asks for none."""

    def __init__(
        self,
        adapter: Adapter,
        plan: Plan,
        *,
        key: str | None,
        url: str,
        fetching: Fetching,
        outlets: Outlets,
        notebook: Notebook,
        clock: Clock,
        recording: Recording | None = None,
    ) -> None:
        self._adapter = adapter
        self._plan = plan
        self._key = key
        self._prefix = urlsplit(url).path.rstrip("/")
        self._fetching = fetching
        self._outlets = outlets
        self._notebook = notebook
        self._clock = clock
        self._recording = recording
        self._told: Health | None = None
        self._watches_at = clock()

    async def step(self) -> timedelta:
        """Ask once, if it is time to; how long to rest then."""
        now = self._clock()
        if now >= self._watches_at:
            self._plan.watch(await self._notebook.watched())
            self._watches_at = now + _WATCHES_EVERY
        asking = self._plan.next(now)
        if not isinstance(asking, Asking):
            await self._tell(None)
            return min(max(asking.until - now, timedelta(0)), _LONGEST_REST)
        hour, count = self._plan.spend(asking, now)
        await self._notebook.spend(hour, count)
        changes = await self._ask(asking)
        if changes.reading is not None:
            await self._publish(changes.reading)
        await self._tell(changes)
        return timedelta(0)

    async def _ask(self, asking: Asking) -> Changes:
        try:
            response = await self._fetching.get(*self._signed(asking))
        except NoAnswer as error:
            failed = Failed(_TROUBLES[type(error)], str(error))
            return self._plan.fail(asking, failed, self._clock())
        answer = self._answer(response)
        if self._recording is not None:
            source = self._adapter.name
            await asyncio.to_thread(self._recording.record, source, asking.request, answer)
        return self._plan.hear(asking, answer, await self._judged(asking.request, answer))

    async def _judged(self, request: Request, answer: Answer) -> Outcome:
        """What the answer means; a large one is read beside the event loop."""
        if len(answer.body) < _LARGE:
            return judge(self._adapter, request, answer)
        return await asyncio.to_thread(judge, self._adapter, request, answer)

    async def _publish(self, reading: Reading) -> None:
        """On return all of it has arrived."""
        is_large = len(reading.prices) + len(reading.markets) > _MANY
        prices, markets = (
            await asyncio.to_thread(_records, reading) if is_large else _records(reading)
        )
        if prices:
            await self._outlets.prices.publish(prices)
        if markets:
            await self._outlets.snapshots.publish(markets)
        await self._outlets.prices.flush()
        await self._outlets.snapshots.flush()

    async def _tell(self, changes: Changes | None) -> None:
        """Note what came of it; then tell what watches are to hear of the source, and note that."""
        now = self._clock()
        health, before = self._plan.health(now), self._plan.spell
        self._plan.spell = go_on(before, health, now)
        if changes is not None or health != self._told or self._plan.spell != before:
            await self._notebook.note(changes, self._plan, health)
            self._told = health
        if (news := news_of(self._plan.spell)) is not None:
            await self._announce(news, health)
            self._plan.spell = told(self._plan.spell)
            await self._notebook.note(None, self._plan, health)

    async def _announce(self, news: News, health: Health) -> None:
        """On return it has arrived. After a kill it is told again, which watches know by now."""
        source = self._adapter.name
        is_well, said = news.what == "source_healthy", f"{health.state}, {health.reason}"
        if is_well is not (health.state == "healthy"):
            said = ""  # it is otherwise by now: a poller before this one was to tell it
        change = "is well again" if is_well else "is not well"
        logger.warning("source %s %s since %s: %s", source, change, news.since, said or "unknown")
        record = source_record(source, news.what, news.since, said)
        await self._outlets.watched.publish([Outgoing(*record)])
        await self._outlets.watched.flush()

    def _signed(self, asking: Asking) -> tuple[str, dict[str, str]]:
        request = asking.request
        signed = request if self._key is None else self._adapter.signed(request, self._key)
        headers = {"accept": "application/json", "user-agent": "conscope", **dict(signed.headers)}
        if asking.etag is not None:
            headers["if-none-match"] = asking.etag
        path = self._prefix + signed.path
        return (f"{path}?{urlencode(signed.query)}" if signed.query else path), headers

    def _answer(self, response: Response) -> Answer:
        """The answer without the key: vendors repeat it in links and in errors."""
        at: datetime = self._clock()
        key = self._key
        if key is None or len(key) < _SHORTEST_KEY:
            return Answer(response.status, response.headers, response.body, at)
        headers = {name: value.replace(key, _MASKED) for name, value in response.headers.items()}
        body = response.body.replace(key.encode(), _MASKED.encode())
        return Answer(response.status, headers, body, at)


def _records(reading: Reading) -> tuple[list[Outgoing], list[Outgoing]]:
    """What is sent of it: of offers that nothing tells apart, the lowest."""
    prices = [outgoing(each) for each in lowest_of_poll(reading.prices)]
    return prices, [outgoing_market(each) for each in reading.markets]
