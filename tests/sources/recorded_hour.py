"""An hour of three sources as a recorder would have kept it; simulated, in the documented shapes.

`python -m tests.sources.recorded_hour` writes it anew to tests/sources/recordings.
"""

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from conscope_app.sources.adapter import Answer, Request
from conscope_app.sources.exchange import Exchange
from conscope_app.sources.recording import Recorder
from conscope_app.sources.tickets.seatgeek import SeatGeek
from conscope_app.sources.tickets.ticketmaster import Ticketmaster
from tests.sources.feeds.documented import feed, first
from tests.sources.tickets.answers import payload

RECORDINGS = Path(__file__).parent / "recordings"
BEGINS = datetime(2026, 11, 20, 12, tzinfo=UTC)
POLLS = 12
KEY = "the-key-of-a-simulated-account"
_EVERY = timedelta(minutes=5)


def exchanges() -> list[Exchange]:
    """What was asked and answered, in the order of its time; the same each time."""
    draw = Random(20)
    found = []
    for number in range(POLLS):
        at = BEGINS + number * _EVERY
        found += [
            _seatgeek(draw, number, at + timedelta(seconds=1)),
            _ticketmaster(number, at + timedelta(seconds=2)),
            _coins(draw, number, at + timedelta(seconds=3)),
        ]
    return found


def write(folder: Path) -> list[Path]:
    """Record the hour; the files, by name."""
    recorder = Recorder(folder, keys=[KEY], query_names=feed("coins").query_names)
    for exchange in exchanges():
        recorder.record(*exchange)
    recorder.close()
    return sorted(folder.iterdir())


def _seatgeek(draw: Random, number: int, at: datetime) -> Exchange:
    """Prices that move, then nulls, then the empty stats of today; once half a body."""
    request = SeatGeek().events(["5791168"])
    page = copy.deepcopy(payload("seatgeek-filled"))
    stats: dict[str, Any] = page["events"][0]["stats"]
    if number == 9:
        stats.update(dict.fromkeys(stats))
    elif number > 9:
        stats.clear()
    else:
        for name in ("lowest_price", "median_price", "average_price", "highest_price"):
            stats[name] += draw.randint(-20, 20)
    body = json.dumps(page).encode()
    if number == 4:
        body = body[: len(body) // 2]
    page["meta"]["took"] = number
    return Exchange("seatgeek", request, _answer(body, at))


def _ticketmaster(number: int, at: datetime) -> Exchange:
    """On sale, then off sale, and once too many requests."""
    request = Ticketmaster().catalogue(BEGINS, BEGINS + timedelta(days=365))
    if number == 6:
        refusal = json.dumps(payload("ticketmaster-429")).encode()
        headers = {"rate-limit-available": "0", "set-cookie": "session=1"}
        return Exchange("ticketmaster", request, Answer(429, headers, refusal, at))
    page = copy.deepcopy(payload("ticketmaster-priced"))
    if number > 8:
        page["_embedded"]["events"][0]["dates"]["status"]["code"] = "offsale"
    # As the real ones do, it repeats the address that it was asked at.
    page["_links"]["self"]["href"] += f"&apikey={KEY}"
    return Exchange("ticketmaster", request, _answer(json.dumps(page).encode(), at))


def _coins(draw: Random, number: int, at: datetime) -> Exchange:
    """Two coins, of which one is not traded for a while."""
    seen = int(at.timestamp()) - 2
    coins: dict[str, Any] = {
        "bitcoin": {"usd": 67_000 + draw.randint(-900, 900) / 100, "last_updated_at": seen},
        "ethereum": {"usd": 3_500.25 if number % 3 else None, "last_updated_at": seen},
    }
    return Exchange("coins", first(feed("coins")), _answer(json.dumps(coins).encode(), at))


def _answer(body: bytes, at: datetime) -> Answer:
    headers = {"content-type": "application/json", "set-cookie": "session=1"}
    return Answer(200, headers, body, at)


def as_recorded(request: Request) -> Request:
    """The request as a recording has it."""
    return request._replace(headers=())


if __name__ == "__main__":
    for old in RECORDINGS.glob("*.gz"):
        old.unlink()
    write(RECORDINGS)
