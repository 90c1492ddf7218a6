"""Ticketmaster's `/discovery/v2/events.json` over the simulated market."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from conscope_app.core.clock import to_epoch_ms
from conscope_app.local.standins.draws import mixed, share
from conscope_app.local.standins.exchange import Asked, Invalid, Reply, as_json, whole_number
from conscope_app.local.standins.market import Market
from conscope_app.local.standins.names import HALLS
from conscope_app.local.standins.shows import Show, Turn

_DEPTH = 1_000
_LARGEST = 200
_PRICED = 0.3
_TITLES = {
    "night 2": " - 2nd Night",
    "matinee": " (Matinee Performance)",
    "parking": " - Parking",
    "vip": " VIP Package",
}
_VENUE_IDS = {hall.ticketmaster: f"KovZpZA{number:03d}A" for number, hall in enumerate(HALLS)}
_KNOWN = frozenset(
    {"id", "startDateTime", "endDateTime", "locale", "sort", "size", "page", "apikey"}
)


class TicketmasterStandIn:
    """Events whose date is not announced are left out of answers to questions about dates."""

    name = "ticketmaster"
    path = "/discovery/v2/events.json"
    key_parameter = "apikey"
    per_second = 5
    per_day = 5_000

    def __init__(self, market: Market) -> None:
        self._market = market
        self._shows = {
            show.ticketmaster_id: show for show in market.shows if show.is_at_ticketmaster
        }
        self._written: dict[tuple[int, datetime], dict[str, Any]] = {}

    def page(self, asked: Asked, now: datetime) -> dict[str, Any]:
        """The answer to a valid question; raises `Invalid`."""
        query = dict(asked.query)
        size, number = whole_number(asked, "size", 20), whole_number(asked, "page", 0)
        if query.keys() - _KNOWN or len(query) != len(asked.query):
            raise Invalid(_bad("DIS1012", "Query param is unknown or repeated"))
        if not size or size > _LARGEST or number is None:
            raise Invalid(_bad("DIS1036", "page and size must be within their bounds"))
        if size * number >= _DEPTH:
            detail = "Max paging depth exceeded. (page * size) must be less than 1,000"
            raise Invalid(_bad("DIS1035", f"API Limits Exceeded: {detail}"))
        found = self._asked_for(query, now)
        shown = found[number * size : (number + 1) * size]
        page: dict[str, Any] = {"_links": {"self": {"href": self.path, "templated": True}}}
        if shown:
            page["_embedded"] = {"events": [self._event(show, turn) for show, turn in shown]}
        page["page"] = {
            "size": size,
            "totalElements": len(found),
            "totalPages": -(-len(found) // size),
            "number": number,
        }
        return page

    def unsigned(self) -> Reply:
        """As it is documented."""
        return _fault(401, "Invalid ApiKey", "oauth.v2.InvalidApiKey")

    def too_fast(self) -> Reply:
        """A gateway's refusal: without headers that say how many are left."""
        said = "Spike arrest violation. Allowed rate : 5ps"
        return _fault(429, said, "policies.ratelimit.SpikeArrestViolation")

    def used_up(self, key: str, resets_at: datetime) -> Reply:
        """As it is documented: it repeats the key."""
        said = f"Rate limit quota violation. Quota limit  exceeded. Identifier : {key}"
        reply = _fault(429, said, "policies.ratelimit.QuotaViolation")
        return reply._replace(headers={**reply.headers, **self.standing(0, resets_at)})

    def standing(self, left: int, resets_at: datetime) -> dict[str, str]:
        """The reset is in milliseconds since 1970."""
        return {
            "Rate-Limit": str(self.per_day),
            "Rate-Limit-Available": str(left),
            "Rate-Limit-Over": "0",
            "Rate-Limit-Reset": str(to_epoch_ms(resets_at)),
        }

    def with_changed_field(self, page: dict[str, Any]) -> dict[str, Any]:
        """One price range instead of a list of them."""
        changed = {"priceRanges": {"currency": "USD", "min": "from 20", "max": None}}
        return _with_events(page, [{**event, **changed} for event in _events(page)])

    def with_renamed_list(self, page: dict[str, Any]) -> dict[str, Any]:
        """`embedded` instead of `_embedded`."""
        return {name.lstrip("_"): value for name, value in page.items()}

    def without_prices(self, page: dict[str, Any]) -> dict[str, Any]:
        """As it is for most events since 2025."""
        unpriced = [
            {name: value for name, value in event.items() if name != "priceRanges"}
            for event in _events(page)
        ]
        return _with_events(page, unpriced)

    def without_events(self, page: dict[str, Any]) -> dict[str, Any]:
        """Nothing embedded, with status 200."""
        paging = {**page["page"], "totalElements": 0, "totalPages": 0}
        return {"_links": page["_links"], "page": paging}

    def _asked_for(self, query: dict[str, str], now: datetime) -> list[tuple[Show, Turn]]:
        is_dated = "startDateTime" in query or "endDateTime" in query
        begin, end = _moment(query, "startDateTime"), _moment(query, "endDateTime")
        wanted = self._shows
        if "id" in query:
            wanted = {one: self._shows[one] for one in query["id"].split(",") if one in self._shows}
        found = []
        for show in wanted.values():
            turn = show.turn(now)
            if turn is None or (is_dated and turn.starts_at is None):
                continue
            at = turn.starts_at
            if at is None or ((begin is None or at >= begin) and (end is None or at <= end)):
                found.append((show, turn))
        return found

    def _event(self, show: Show, turn: Turn) -> dict[str, Any]:
        """The event, which is the same until the next turn of its life."""
        key = show.number, turn.at
        event = self._written.get(key)
        if event is None:
            event = self._written[key] = self._write(show, turn)
        return event

    def _write(self, show: Show, turn: Turn) -> dict[str, Any]:
        event: dict[str, Any] = {
            "name": f"{show.act.title}{_TITLES.get(show.variant, '')}",
            "type": "event",
            "id": show.ticketmaster_id,
            "test": False,
            "locale": "en-us",
            "url": f"https://ticketmaster.example/event/{show.ticketmaster_id}",
            "sales": self._sales(show),
            "dates": _dates(show, turn),
            "classifications": [{"primary": True, "segment": {"name": show.act.kind.title()}}],
            "_embedded": {"venues": [_venue(show)], "attractions": [{"name": show.act.name}]},
        }
        if share(self._market.seed, show.number, 50) < _PRICED:
            asked = {"type": "standard", "currency": "USD", "min": show.cents / 100}
            event["priceRanges"] = [{**asked, "max": show.cents * 4 / 100}]
        elif show.number % 3 != 0:
            event["priceRanges"] = None if show.number % 3 == 1 else []
        return event

    def _sales(self, show: Show) -> dict[str, Any]:
        begin = _zulu(show.on_sale_at)
        # Placeholders stood for the beginning of about a fifth of the sales that were looked at.
        if share(self._market.seed, show.number, 51) < 0.1:
            begin = "1900-01-01T06:00:00Z" if show.number % 2 else "9999-12-31T23:59:59Z"
        public = {
            "startDateTime": begin,
            "startTBD": False,
            "startTBA": False,
            "endDateTime": _zulu(show.first_starts_at),
        }
        presale = {
            "name": "Fan Presale",
            "startDateTime": _zulu(show.presale_at),
            "endDateTime": _zulu(show.on_sale_at),
        }
        return {"public": public, "presales": [presale] if mixed(show.number) % 2 else []}


def _events(page: dict[str, Any]) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = page.get("_embedded", {}).get("events", [])
    return events


def _with_events(page: dict[str, Any], events: list[dict[str, Any]]) -> dict[str, Any]:
    return {**page, "_embedded": {"events": events}} if events else page


def _dates(show: Show, turn: Turn) -> dict[str, Any]:
    is_known = turn.starts_at is not None
    start: dict[str, Any] = {
        "dateTBD": not is_known,
        "dateTBA": False,
        "timeTBA": not is_known,
        "noSpecificTime": False,
    }
    if turn.starts_at is not None:
        local = turn.starts_at.astimezone(ZoneInfo(show.hall.time_zone))
        start |= {
            "localDate": f"{local:%Y-%m-%d}",
            "localTime": f"{local:%H:%M:%S}",
            "dateTime": _zulu(turn.starts_at),
        }
    dates: dict[str, Any] = {"start": start, "status": {"code": turn.status}}
    return dates | ({"timezone": show.hall.time_zone} if show.number % 4 else {})


def _venue(show: Show) -> dict[str, Any]:
    hall = show.hall
    return {
        "id": _VENUE_IDS[hall.ticketmaster],
        "name": hall.ticketmaster,
        "timezone": hall.time_zone,
        "city": {"name": hall.city},
        "state": {"name": hall.region_name, "stateCode": hall.region},
        "country": {"name": "United States Of America", "countryCode": "US"},
        "location": {"longitude": f"{hall.longitude:.8f}", "latitude": f"{hall.latitude:.8f}"},
    }


def _moment(query: dict[str, str], name: str) -> datetime | None:
    said = query.get(name)
    if said is None:
        return None
    try:
        return datetime.strptime(said, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        detail = "Query param with date must be of valid format YYYY-MM-DDTHH:mm:ssZ"
        raise Invalid(_bad("DIS1015", detail)) from None


def _zulu(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _bad(code: str, detail: str) -> Reply:
    """Errors carry no `Rate-Limit-*` headers, and count against the day all the same."""
    return as_json(400, {"errors": [{"code": code, "detail": detail, "status": "400"}]})


def _fault(status: int, message: str, code: str) -> Reply:
    return as_json(status, {"fault": {"faultstring": message, "detail": {"errorcode": code}}})
