"""The overview, `/`: what moves now, and every event. Complete without JavaScript, live with it.

With it the list alone is asked for (htmx): while somebody types, and when there is news.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from faust.web import Request, Response, View

from conscope_app import app
from conscope_app.store.market.event_list import EventList
from web.event_markets_words import BASIS_SHORT
from web.overview_query import FIRST_ORDER, Asked, address, asked_by, cursor_behind
from web.overview_reading import current_events
from web.overview_rows import Row, rows_of
from web.panels import overview_panels
from web.patience import Unanswered
from web.schema import Stats
from web.snapshot import current_stats
from web.templating import render

LINES_SHOWN = 30
LIST = "events"  # the element that holds the list, and asks for it anew

# What is brought up to date each few seconds and was not for so long stands still.
_BEHIND_AFTER = timedelta(minutes=1)


class Shown(NamedTuple):
    """A page of the list, or why there is none; `behind_s` while it does not follow the prices."""

    rows: list[Row]
    found: EventList | None
    missing: str | None
    next: str | None
    behind_s: float | None


@app.page("/", name="overview")
async def overview(view: View, request: Request) -> Response:
    """Totals, live listings, drops, and the events that are asked for."""
    asked = asked_by(request.query, limit=LINES_SHOWN)
    if _wants_list(request.headers):
        return await _list_alone(view, request, asked)
    stats, shown = await asyncio.gather(current_stats(), _shown(asked))
    page = render(
        "overview/overview.html",
        **_values(asked, _seen_with(shown, stats), stats),
        panels=overview_panels(stats),
    )
    return view.html(page)


async def _list_alone(view: View, request: Request, asked: Asked) -> Response:
    """The list and, where somebody asked for another one, the parts of the form that go with it."""
    stats, shown = await asyncio.gather(current_stats(), _shown(asked))
    is_refreshed = request.headers.get("HX-Trigger") == LIST
    answer = render(
        "overview/_answer.html",
        **_values(asked, _seen_with(shown, stats), stats),
        is_refreshed=is_refreshed,
    )
    headers = {} if is_refreshed else {"HX-Push-Url": address(asked.words)}
    return view.text(answer, content_type="text/html", headers=headers)


def _wants_list(headers: Mapping[str, str]) -> bool:
    return "HX-Request" in headers and "HX-History-Restore-Request" not in headers


async def _shown(asked: Asked) -> Shown:
    try:
        found = await current_events(asked.find)
    except Unanswered as error:
        return Shown([], None, str(error), None, None)
    following = None if found.next is None else cursor_behind(asked.find, found.next)
    return Shown(rows_of(found.lines, app.services.clock()), found, None, following, None)


def _seen_with(shown: Shown, stats: Stats) -> Shown:
    if shown.found is None or not stats.records_per_s:
        return shown
    return shown._replace(behind_s=_behind_s(shown.found.refreshed_at, stats.as_of))


def _behind_s(refreshed_at: datetime | None, now: datetime) -> float | None:
    """How long ago the list followed the prices, where that is too long."""
    if refreshed_at is None or now - refreshed_at < _BEHIND_AFTER:
        return None
    return (now - refreshed_at).total_seconds()


def _values(asked: Asked, shown: Shown, stats: Stats) -> dict[str, object]:
    """What the templates of the list are about."""
    source, currency = asked.words.get("source", ""), asked.find.currency or ""
    held = {each.currency for each in stats.prices}
    return {
        "stats": stats,
        "basis_short": BASIS_SHORT,
        "asked": asked,
        "shown": shown,
        "sources": _choices("All sources", {*stats.sources.names, source}),
        "currencies": _choices("All currencies", {*held, currency}),
        "first_order": FIRST_ORDER,
        "address": address,
        "list_element": LIST,
    }


def _choices(every: str, names: set[str]) -> list[tuple[str, str]]:
    """What can be chosen among, and nothing of it at the front: value and word each."""
    return [("", every), *((name, name) for name in sorted(names) if name)]
