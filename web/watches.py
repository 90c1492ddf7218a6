"""`/watches`: the pages on which watches are listed, read, made and changed.

They are complete for reading as they come, and keep themselves up to date. What changes something
goes through `/api/v1`, from the browser: `static/watches.js`.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from aiohttp.web import HTTPNotFound
from aiohttp.web import Request as NativeRequest
from faust.web import Request, Response, View
from markupsafe import Markup

from conscope_app import app
from conscope_app.domains.tickets.happenings import TO_CHOOSE
from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Connection
from web.alerts_words import without_price
from web.away import or_away
from web.bodies import etag
from web.new_watches import begun_definition
from web.panels import Panels
from web.templating import render
from web.watch_definition import definition_of, definition_text
from web.watch_reading import Kept, Listed, choices, read_list, read_watch
from web.watch_words import SUBJECTS_SHOWN, state_of

WATCHES_SHOWN = 50

# By the name of the piece; each is a template of `watches/`.
_PIECES = ("title", "words", "episodes", "kept")

T = TypeVar("T")


@app.page("/watches", name="watches")
@or_away
async def watches(view: View, request: Request) -> Response:
    """The watches in the order of their ids, those behind `after=`."""
    after = request.query.get("after", "")
    found = await app.services.database.run(partial(_behind, after=after))
    return view.html(
        render(
            "watches/list.html",
            panels=_list_panels(found, after),
            stream=urlencode({"page": "watches", **({"after": after} if after else {})}),
            as_of=app.services.clock(),
        )
    )


@app.page("/watches/new", name="new_watch")
@or_away
async def new_watch(view: View, request: Request) -> Response:
    """A form for a watch that is none yet, with what the query says of it (`web.new_watches`)."""
    begun = begun_definition(cast("NativeRequest", request).query)  # Faust's has no `getall`
    found = await app.services.database.run(lambda connection: choices(connection, ()))
    return view.html(
        render(
            "watches/watch.html",
            watch=None,
            heading="New watch",
            definition=definition_text(begun),
            chosen=("default",),
            channels=found,
            happenings=TO_CHOOSE,
            without_price=without_price,
            version_tag="",
        )
    )


@app.page("/watches/{watch_id}", name="watch")
@or_away
async def one_watch(view: View, request: Request, watch_id: str) -> Response:
    """A watch in words, its alerts, and the form that changes it."""
    kept = await app.services.database.run(partial(read_watch, watch_id=watch_id))
    if kept is None:
        raise HTTPNotFound
    values = _values(kept)
    return view.html(
        render(
            "watches/watch.html",
            **values,
            panels=_panels(values),
            stream=urlencode({"page": "watch", "watch_id": watch_id}),
            as_of=app.services.clock(),
            chosen=kept.stored.watch.to.channels,
            channels=kept.channels,
            happenings=TO_CHOOSE,
            without_price=without_price,
            version_tag=etag(kept.stored.watch.version),
        )
    )


async def list_panels(after: str) -> Panels:
    """The pieces of the list behind a watch, by name; may raise `TooSlow`."""
    return _list_panels(await _read(partial(_behind, after=after)), after)


async def watch_panels(watch_id: str) -> Panels:
    """The pieces of a watch's page, by name.

    Raises HTTPNotFound where there is no such watch, or none any more, and `TooSlow`.
    """
    kept = await _read(partial(read_watch, watch_id=watch_id))
    if kept is None:
        raise HTTPNotFound
    return _panels(_values(kept))


async def _read(work: Callable[[Connection], T]) -> T:
    def brief(connection: Connection) -> T:
        with briefly(connection):
            return work(connection)

    return await app.services.database.run(brief)


def _behind(connection: Connection, after: str) -> list[Listed]:
    """One more than is shown, where there are more."""
    return read_list(connection, after, WATCHES_SHOWN + 1)


def _list_panels(found: list[Listed], after: str) -> Panels:
    shown = found[:WATCHES_SHOWN]
    following = shown[-1].stored.watch.id if len(found) > len(shown) else None
    values = {"watches": shown, "after": after, "next": following, "subjects_shown": SUBJECTS_SHOWN}
    # Markup: the templates have escaped every value already.
    return {"watches": Markup(render("watches/_list.html", **values))}  # noqa: S704 our own template's output


def _panels(values: Mapping[str, Any]) -> Panels:
    return {name: Markup(render(f"watches/_{name}.html", **values)) for name in _PIECES}  # noqa: S704 our own templates' output


def _values(kept: Kept) -> dict[str, Any]:
    """What the templates of a watch are handed."""
    stored = kept.stored
    return {
        "watch": stored,
        "heading": stored.watch.name or stored.watch.id,
        "words": kept.words,
        "names": kept.names,
        "subjects_shown": SUBJECTS_SHOWN,
        "state": state_of(stored, app.services.clock()),
        "episodes": kept.episodes,
        "definition": definition_text(definition_of(stored.watch)),
    }
