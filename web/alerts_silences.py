"""`/alerts/silences`: what nobody is told of for now, and the form for more of it."""

from collections.abc import Mapping
from typing import NamedTuple

from faust.web import Request, Response, View

from conscope_app import app
from conscope_app.alerting.watches.silences import Silence
from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Connection
from conscope_app.store.watches import silences as kept
from conscope_app.store.watches.history import Described, describe
from web.alerts_page import read, show
from web.away import or_away


class Current(NamedTuple):
    """The silences that are not over, and what people call the events that they name."""

    silences: list[Silence]
    events: Mapping[str, Described]


@app.page("/alerts/silences", name="silences")
@or_away
async def silences(view: View, request: Request) -> Response:
    """The one that ends first at the front; `event` and `watch` are what a new one begins with."""
    current = await read(_current)
    return view.html(show("alerts/silences.html", asked=request.query, current=current))


def _current(connection: Connection) -> Current:
    with briefly(connection):
        found = kept.list_silences(connection, app.services.clock())
        named = {subject for each in found for subject in each.subjects}
        return Current(found, describe(connection, named))
