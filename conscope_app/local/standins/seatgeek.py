"""SeatGeek's `/2/events` over the simulated market."""

from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from conscope_app.local.standins.draws import share
from conscope_app.local.standins.exchange import Asked, Invalid, Reply, as_json, whole_number
from conscope_app.local.standins.market import Market
from conscope_app.local.standins.names import HALLS
from conscope_app.local.standins.shows import Show, Turn

_MOST_PER_PAGE = 5_000  # seatgeek/api-support#12
_GIVEN_PER_PAGE = 50  # api-support#158
_REACH = 10_000  # api-support#63
_EMPTY_STATS = 0.1
_ANOTHER_HOUR = 0.05  # doors instead of the beginning

_STATS = (
    "listing_count",
    "visible_listing_count",
    "average_price",
    "median_price",
    "lowest_price",
    "highest_price",
    "lowest_price_good_deals",
    "lowest_sg_base_price",
    "lowest_sg_base_price_good_deals",
    "dq_bucket_counts",
)
_TITLES = {"night 2": " (Night 2)", "matinee": " (Matinee)", "parking": "", "vip": " - VIP"}
_VENUE_IDS = {hall.seatgeek: 2_000 + number for number, hall in enumerate(HALLS)}
_KNOWN = frozenset(
    {"id", "datetime_utc.gte", "datetime_utc.lt", "sort", "per_page", "page", "client_id"}
)


class SeatGeekStandIn:
    """Cancelled events are in no answer, as the vendor says of itself (api-support#52)."""

    name = "seatgeek"
    path = "/2/events"
    key_parameter = "client_id"
    # No limit is documented. This one is above what a careful client asks, and for bursts.
    per_second = 5
    per_day = 20_000

    def __init__(self, market: Market) -> None:
        self._market = market
        self._shows = {show.seatgeek_id: show for show in market.shows if show.is_at_seatgeek}
        self._written: dict[tuple[int, datetime], dict[str, Any]] = {}

    def page(self, asked: Asked, now: datetime) -> dict[str, Any]:
        """The answer to a valid question; raises `Invalid`."""
        query = dict(asked.query)
        unknown = query.keys() - _KNOWN
        per_page = whole_number(asked, "per_page", 10)
        number = whole_number(asked, "page", 1)
        if unknown or len(query) != len(asked.query):
            raise Invalid(_bad(400, f"unknown or repeated: {sorted(unknown)}"))
        if not per_page or not number:
            raise Invalid(_bad(400, "page and per_page are whole numbers from 1"))
        if per_page > _MOST_PER_PAGE:
            raise Invalid(_bad(400, f"page size too large. maximum {_MOST_PER_PAGE}"))
        per_page = min(per_page, _GIVEN_PER_PAGE)
        found = self._asked_for(query, now)
        first = (number - 1) * per_page
        is_beyond = first + per_page > _REACH
        shown = [] if is_beyond else found[first : first + per_page]
        return {
            "events": [self._event(show, turn, now) for show, turn in shown],
            "meta": {
                "total": 0 if is_beyond else len(found),
                "took": 9,
                "page": number,
                "per_page": per_page,
                "geolocation": None,
            },
        }

    def unsigned(self) -> Reply:
        """403, not 401: so it is answered since 2016."""
        message = 'Client is required - visit "https://seatgeek.com/account/develop"'
        return as_json(
            403,
            {
                "errors": [{"code": 40307, "message": message}],
                "message": message,
                "status": 403,
                "meta": {"status": 403},
            },
        )

    def too_fast(self) -> Reply:
        """Not documented; a client that honours `Retry-After` is right with anybody."""
        return _bad(429, "Too Many Requests", {"Retry-After": "1"})

    def used_up(self, key: str, resets_at: datetime) -> Reply:
        """Not documented either; the key is not repeated."""
        del key
        headers = {"Retry-After": format_datetime(resets_at, usegmt=True)}
        return _bad(429, "Too Many Requests", headers)

    def standing(self, left: int, resets_at: datetime) -> dict[str, str]:
        """No header says how many are left."""
        del left, resets_at
        return {}

    def with_changed_field(self, page: dict[str, Any]) -> dict[str, Any]:
        """Prices as objects with a currency."""
        changed = [
            {**event, "stats": {name: _as_object(name, of) for name, of in event["stats"].items()}}
            for event in page["events"]
        ]
        return {**page, "events": changed}

    def with_renamed_list(self, page: dict[str, Any]) -> dict[str, Any]:
        """`results` instead of `events`."""
        return {"results": page["events"], "meta": page["meta"]}

    def without_prices(self, page: dict[str, Any]) -> dict[str, Any]:
        """As the vendor has done it since May 2024."""
        return {**page, "events": [{**event, "stats": {}} for event in page["events"]]}

    def without_events(self, page: dict[str, Any]) -> dict[str, Any]:
        """A total of 0 with status 200, as was seen (api-support#58)."""
        return {"events": [], "meta": {**page["meta"], "total": 0}}

    def _asked_for(self, query: dict[str, str], now: datetime) -> list[tuple[Show, Turn]]:
        if "id" in query:
            shows = [self._shows.get(one) for one in sorted(_ids(query["id"]))]
            begin = end = None
        else:
            shows = list(self._shows.values())
            begin, end = _moment(query, "datetime_utc.gte"), _moment(query, "datetime_utc.lt")
        found = []
        for show in shows:
            turn = None if show is None else show.turn(now)
            if show is None or turn is None or turn.status == "cancelled":
                continue
            at = self._beginning(show, turn).replace(tzinfo=None)
            if (begin is None or at >= begin) and (end is None or at < end):
                found.append((show, turn))
        return found

    def _event(self, show: Show, turn: Turn, now: datetime) -> dict[str, Any]:
        """The event: its facts are the same until the next turn of its life, its prices are not."""
        key = show.number, turn.at
        facts = self._written.get(key)
        if facts is None:
            facts = self._written[key] = self._write(show, turn)
        return {**facts, "stats": self._stats(show, turn, now)}

    def _beginning(self, show: Show, turn: Turn) -> datetime:
        """When it begins as this vendor has it; the first date, while there is no other."""
        at = turn.starts_at or show.first_starts_at
        is_doors = share(self._market.seed, show.number, 40) < _ANOTHER_HOUR
        return at - timedelta(minutes=30) if is_doors else at

    def _write(self, show: Show, turn: Turn) -> dict[str, Any]:
        starts_at = self._beginning(show, turn)
        local = starts_at.astimezone(ZoneInfo(show.hall.time_zone))
        title = f"{show.act.name}{_TITLES.get(show.variant, '')}"
        if show.variant == "parking":
            title = f"PARKING: {title}"
        return {
            "id": show.seatgeek_id,
            "type": show.act.kind,
            "title": title,
            "short_title": show.act.name,
            "status": "postponed" if turn.status == "postponed" else "normal",
            "url": f"https://seatgeek.example/{show.act.kind}/{show.seatgeek_id}",
            "datetime_utc": f"{starts_at:%Y-%m-%dT%H:%M:%S}",
            "datetime_local": f"{local:%Y-%m-%dT%H:%M:%S}",
            "datetime_tbd": turn.starts_at is None,
            "time_tbd": turn.starts_at is None,
            "date_tbd": turn.starts_at is None,
            "announce_date": f"{show.turns[0].at:%Y-%m-%dT00:00:00}",
            "venue": _venue(show),
            "performers": [{"id": 1, "name": show.act.name, "primary": True}],
            "taxonomies": [{"id": 2_000_000, "name": show.act.kind, "parent_id": None}],
        }

    def _stats(self, show: Show, turn: Turn, now: datetime) -> dict[str, Any]:
        if share(self._market.seed, show.number, 41) < _EMPTY_STATS:
            return {}
        stats: dict[str, Any] = dict.fromkeys(_STATS)
        prices = self._market.prices(show, turn, now)
        if prices is not None:
            stats |= {
                "listing_count": prices.listings,
                "visible_listing_count": prices.listings,
                "average_price": prices.average // 100,
                "median_price": prices.median // 100,
                "lowest_price": prices.lowest // 100,
                "highest_price": prices.highest // 100,
                "lowest_sg_base_price": prices.lowest // 118,
            }
        return stats


def _venue(show: Show) -> dict[str, Any]:
    hall = show.hall
    return {
        "id": _VENUE_IDS[hall.seatgeek],
        "name": hall.seatgeek,
        "city": hall.city,
        "state": hall.region,
        "country": "US",
        "timezone": hall.time_zone,
        "location": {"lat": hall.latitude, "lon": hall.longitude},
    }


def _as_object(name: str, value: Any) -> Any:
    return {"usd": value} if name.endswith("_price") and value is not None else value


def _ids(said: str) -> set[int]:
    parts = said.split(",")
    if not all(part.isascii() and part.isdecimal() and len(part) < 12 for part in parts):
        raise Invalid(_bad(400, "id is a list of whole numbers"))
    return {int(part) for part in parts}


def _moment(query: dict[str, str], name: str) -> datetime | None:
    if name not in query:
        return None
    try:
        return datetime.fromisoformat(query[name]).replace(tzinfo=None)
    except ValueError:
        raise Invalid(_bad(400, f"{name} is not a time")) from None


def _bad(
    status: Literal[400, 404, 429], message: str, headers: dict[str, str] | None = None
) -> Reply:
    body = {"status": status, "message": message, "meta": {"status": status}}
    return as_json(status, body, headers)
