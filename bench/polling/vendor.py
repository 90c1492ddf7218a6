"""A vendor that misbehaves: outages, half answers, silence, and a strict eye on its own limits."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

import msgspec

from bench.polling.market import OPENED_AT, MarketEvent
from conscope_app.sources.adapter import Answer, Request
from conscope_app.sources.polling.answers import Failed, Trouble

SILENCE = timedelta(seconds=15)  # how long the poller waits for an answer
_DAY = timedelta(days=1)


class Manner(NamedTuple):
    """What a vendor is like. `day_begins` is when its day does, which it may keep to itself."""

    name: str
    per_second: float
    per_day: int
    page: int
    reach: int
    most_ids: int
    day_begins: timedelta
    tells_allowance: bool
    knows_etags: bool


@dataclass(slots=True)
class Seen:
    """What the vendor saw of its client."""

    requests: int = 0
    by_day: Counter[int] = field(default_factory=Counter)
    over_day: int = 0
    over_rate: int = 0
    invalid: set[Request] = field(default_factory=set)
    repeated_invalid: int = 0
    answers: Counter[str] = field(default_factory=Counter)


class Line(NamedTuple):
    """An event as the answers have it."""

    id: str
    starts_at: datetime
    price: str


class Body(NamedTuple):
    """An answer: `total` is the count of all, page by page."""

    events: list[Line]
    total: int


class Vendor:
    """Answers requests; `looks` are the events that the last answer told of, whole and readable."""

    def __init__(
        self, manner: Manner, market: Sequence[MarketEvent], random: Random, days: int
    ) -> None:
        self.manner = manner
        self.seen = Seen()
        self.looks: list[MarketEvent] = []
        self.market = sorted(market, key=lambda each: each.starts_at)
        self._by_id = {each.id: each for each in market}
        self._random = random
        self._last_second: list[datetime] = []
        self._outages = _spells(random, days, per_day=0.7, longest=timedelta(minutes=40))
        self._thin = _spells(random, days, per_day=0.3, longest=timedelta(minutes=25))

    def answer(self, request: Request, etag: str | None, now: datetime) -> Answer | Failed:
        """What the vendor says; `Failed` where nothing came, or not all of it."""
        self.looks = []
        self._count(request, now)
        answer = self._limited(now) or self._trouble(now) or self._data(request, etag, now)
        kind = str(answer.status) if isinstance(answer, Answer) else answer.trouble.name
        self.seen.answers[kind] += 1
        if isinstance(answer, Answer) and answer.status in {400, 404}:
            self.seen.invalid.add(request)
        return answer

    def is_down(self, begin: datetime, end: datetime) -> bool:
        """Whether it gave no full answers throughout that time."""
        return any(low <= begin and end <= high for low, high in (*self._outages, *self._thin))

    def _count(self, request: Request, now: datetime) -> None:
        self.seen.requests += 1
        self.seen.repeated_invalid += request in self.seen.invalid
        self.seen.by_day[self._day(now)] += 1
        second = now - timedelta(seconds=1)
        self._last_second = [each for each in self._last_second if each > second]
        self._last_second.append(now)

    def _limited(self, now: datetime) -> Answer | None:
        if self.seen.by_day[self._day(now)] > self.manner.per_day:
            self.seen.over_day += 1
            return self._said(429, b"", now)
        if len(self._last_second) > max(1, self.manner.per_second):
            self.seen.over_rate += 1
            return self._said(429, b"", now)
        return None

    def _trouble(self, now: datetime) -> Answer | Failed | None:
        if any(begin <= now < end for begin, end in self._outages):
            return self._random.choice((self._said(503, b"", now), _SILENT))
        drawn = self._random.random()
        if drawn < 0.01:
            return self._said(500, b"", now)
        if drawn < 0.015:
            return _SILENT
        if drawn < 0.02:
            return Failed(Trouble.HALF_BODY, "the answer broke off")
        if drawn < 0.025:
            return self._said(200, b"<html>we will be back</html>", now)
        if drawn < 0.028:
            return self._said(200, b'{"happenings": []}', now)
        if drawn < 0.031:
            return self._said(429, b"", now, {"retry-after": "90"})
        return None

    def _data(self, request: Request, etag: str | None, now: datetime) -> Answer:
        if request.path == "/catalogue":
            return self._catalogue(dict(request.query), etag, now)
        asked = [self._by_id[each] for each in dict(request.query)["ids"].split(",")]
        if any(each.is_faulty for each in asked):
            return self._said(400, b"", now)
        listed = [each for each in asked if each.is_listed(now)]
        if not listed and len(asked) == 1:
            return self._said(404, b"", now)
        return self._told(listed, len(listed), etag, now)

    def _catalogue(self, query: dict[str, str], etag: str | None, now: datetime) -> Answer:
        begin, end = (datetime.fromisoformat(query[each]) for each in ("begin", "end"))
        page = int(query["page"])
        if page * self.manner.page >= self.manner.reach:
            return self._said(400, b"", now)
        listed = [
            each for each in self.market if begin <= each.starts_at < end and each.is_listed(now)
        ]
        first = page * self.manner.page
        return self._told(listed[first : first + self.manner.page], len(listed), etag, now)

    def _told(
        self, listed: list[MarketEvent], total: int, etag: str | None, now: datetime
    ) -> Answer:
        if any(begin <= now < end for begin, end in self._thin):
            listed = self._random.choice(([], listed[::3]))
        self.looks = listed
        tag = f'"{hash(tuple((each.id, each.version(now)) for each in listed)):x}.{total}"'
        if self.manner.knows_etags and etag == tag:
            return self._said(304, b"", now)
        lines = [Line(each.id, each.starts_at, str(each.price(now))) for each in listed]
        headers = {"etag": tag} if self.manner.knows_etags else {}
        return self._said(200, msgspec.json.encode(Body(lines, total)), now, headers)

    def _said(
        self, status: int, body: bytes, now: datetime, headers: dict[str, str] | None = None
    ) -> Answer:
        said = {"content-type": "application/json", **(headers or {})}
        if self.manner.tells_allowance:
            left = max(0, self.manner.per_day - self.seen.by_day[self._day(now)])
            resets_at = OPENED_AT + self.manner.day_begins + (self._day(now) + 1) * _DAY
            said |= {"left": str(left), "resets-at": resets_at.isoformat()}
        return Answer(status, said, body, now)

    def _day(self, now: datetime) -> int:
        return (now - OPENED_AT - self.manner.day_begins) // _DAY


_SILENT = Failed(Trouble.TIMEOUT, "no answer in time")


def _spells(
    random: Random, days: int, *, per_day: float, longest: timedelta
) -> list[tuple[datetime, datetime]]:
    begins = [OPENED_AT + random.random() * days * _DAY for _ in range(round(days * per_day))]
    return [(begin, begin + random.uniform(0.1, 1) * longest) for begin in begins]
