"""`/alerts/drops`: every price drop that was found, whether it was told, and one of them."""

from functools import partial
from http import HTTPStatus
from typing import NamedTuple

from aiohttp.web import HTTPNotFound
from faust.web import Request, Response, View

from conscope_app import app
from conscope_app.store.alerts.drop_search import DropFilter
from conscope_app.store.alerts.drops import DropPage, get_drop, list_drops
from conscope_app.store.deliveries import SwitchedOff, known_channels, switched_off
from conscope_app.store.engine import Connection
from conscope_app.store.watches.channels import target_of
from web.alerts_page import further, problems_of, read, show
from web.alerts_query import drop_cursor, drops_asked
from web.alerts_timeline import of_drop
from web.away import or_away
from web.problems import Problem

SHOWN = 50


class Found(NamedTuple):
    """A page of price drops, and the channels that they are told to."""

    page: DropPage
    channels: list[str]
    switched_off: list[SwitchedOff]


@app.page("/alerts/drops", name="drops")
@or_away
async def drops(view: View, request: Request) -> Response:
    """The newest first, by what the address asks for."""
    found, problems = None, {}
    try:
        found = await read(partial(_found, asked=drops_asked(request.query, SHOWN)))
    except Problem as problem:
        problems = problems_of(problem)
    status = HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
    following = found and found.page.next and drop_cursor(found.page.next)
    html = show(
        "alerts/drops.html",
        asked=request.query,
        problems=problems,
        found=found,
        further=further("/alerts/drops", request.query, following),
    )
    return view.html(html, status=status.value)


@app.page("/alerts/drops/{alert_id}", name="drop")
@or_away
async def one_drop(view: View, request: Request, alert_id: str) -> Response:
    """A price drop, moment by moment, with every attempt to tell of it."""
    drop = await read(partial(get_drop, alert_id=alert_id))
    if drop is None:
        raise HTTPNotFound
    return view.html(show("alerts/drop.html", drop=drop, timeline=of_drop(drop)))


def _found(connection: Connection, asked: DropFilter) -> Found:
    page = list_drops(connection, asked)
    of_watches = target_of("")
    return Found(
        page,
        [each for each in known_channels(connection) if not each.startswith(of_watches)],
        [each for each in switched_off(connection) if not each.channel.startswith(of_watches)],
    )
