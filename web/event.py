"""`/events/{event_id}`: what an event costs, whether it gets cheaper, and its seats.

The page is complete as it comes. Its pieces are rendered once and serve its stream as well.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from aiohttp.web import HTTPBadRequest, HTTPNotFound, HTTPServiceUnavailable
from faust.web import Request, Response, View
from markupsafe import Markup

from conscope_app import app
from conscope_app.store.brief_reads import TooSlow
from web.away import or_away
from web.event_address import event_api, event_page
from web.event_figures import coarse, day_in_words, days_in_words, lasting, signed
from web.event_markets import also_at
from web.event_markets_schema import MarketShown
from web.event_markets_words import WORDS
from web.event_query import currency_of
from web.event_reading import NoSuchEvent, reading
from web.event_view import EventView, view_of
from web.histogram import top_of
from web.new_watches import happenings_link, watch_link
from web.panels import Panels
from web.problems import Problem
from web.templating import render

# An id may hold what aiohttp's own pattern of a part does not take: braces.
EVENT = "{event_id:[^/]+}"

# By the name of the piece; each is a template of `event/`.
PIECES = (
    "head",
    "sides",
    "market_days",
    "changes",
    "seatless",
    "figures",
    "together",
    "days",
    "histogram",
    "heat",
    "seats",
    "gone",
    "alerts",
    "watches",
)

_FILTERS = ("state", "section", "source", "at_least", "at_most", "sort", "after")


@app.page(f"/events/{EVENT}", name="event")
@or_away
async def event(view: View, request: Request, event_id: str) -> Response:
    """One event in one currency (`currency=`), with the seats that the query asks for."""
    query = dict(request.query)
    try:
        shown = await _view(event_id, query)
    except NoSuchEvent:
        raise HTTPNotFound from None
    except Problem as problem:
        raise HTTPBadRequest(text=problem.detail) from None
    except TooSlow as error:
        raise HTTPServiceUnavailable(text=f"The database is slow: {error}.") from None
    is_plain = not any(query.get(name) for name in _FILTERS)
    values = _values(shown)
    panels = _panels(values)
    return view.html(render("event/page.html", panels=panels, is_plain=is_plain, **values))


async def event_panels(event_id: str, currency: str | None) -> Panels:
    """The pieces of an event's page without a filter, by name.

    Raises HTTPNotFound where there is no such event or currency, and `TooSlow`.
    """
    query = {} if currency is None else {"currency": currency}
    try:
        return _panels(_values(await _view(event_id, query)))
    except (NoSuchEvent, Problem):
        raise HTTPNotFound from None


async def _view(event_id: str, query: Mapping[str, str]) -> EventView:
    read = partial(view_of, query=query)
    now = app.services.clock()
    return await app.services.database.run(reading(event_id, currency_of(query), now, read))


def _panels(values: Mapping[str, Any]) -> Panels:
    # Markup: the templates have escaped every value already.
    return {name: Markup(render(f"event/{name}.html", **values)) for name in PIECES}  # noqa: S704 our own templates' output


def _values(shown: EventView) -> dict[str, Any]:
    """What the templates are handed."""
    event_id, currency = shown.figures.event.event_id, shown.figures.currency
    return {
        **WORDS,
        "also": also_at(shown.sides.markets),
        "own": _own(shown),
        "simulated": _simulated(shown),
        "view": shown,
        "figures": shown.figures,
        "currency": currency,
        "stream": urlencode({"page": "event", "event_id": event_id, "currency": currency}),
        "page": partial(event_page, event_id),
        "api": partial(event_api, event_id),
        "filtered": partial(_filtered, shown),
        "watch": _watch(shown),
        "lots": {lot.seats: lot for lot in shown.cheapest.lots},
        "scale": top_of([each.bin for each in shown.bars]),
        "coarse": coarse,
        "day_in_words": day_in_words,
        "days_in_words": days_in_words,
        "lasting": lasting,
        "signed": signed,
    }


def _watch(shown: EventView) -> str:
    """Where a watch of it begins: of the prices of its seats, or of what happens where none is."""
    event = shown.figures.event
    if not event.is_priced:
        markets = shown.sides.markets
        sources = sorted({each.source for each in markets.markets})
        others = [each for each in markets.members if each != event.event_id]
        return happenings_link([event.event_id, *others], event.event_name, sources)
    return watch_link(
        event.event_id,
        event.event_name,
        seats=1,
        price=shown.figures.prices.lowest,
        currency=shown.figures.currency,
    )


def _simulated(shown: EventView) -> list[str]:
    """Its sources that say themselves that they invent prices."""
    of_seats = {each.source for each in shown.figures.sources if each.simulated}
    return sorted(of_seats | {each.source for each in _own(shown) if each.simulated})


def _own(shown: EventView) -> list[MarketShown]:
    """What sources say of the event under this id."""
    markets = shown.sides.markets
    return [each for each in markets.markets if each.event_id == markets.event_id]


def _filtered(shown: EventView, **more: str | None) -> dict[str, str | None]:
    """The query of the seats that are shown, but for what is given."""
    wanted = shown.wanted
    amounts = {
        name: None if amount is None else f"{amount:f}"
        for name, amount in (("at_least", wanted.at_least), ("at_most", wanted.at_most))
    }
    asked = {
        "currency": wanted.currency,
        "state": wanted.state,
        "section": wanted.section,
        "source": wanted.source,
        **amounts,
        "sort": wanted.sort,
    }
    return {**asked, **more}
