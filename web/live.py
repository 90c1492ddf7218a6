"""`/live`: server-sent events, at most one a second, and only when something changed.

`/live` sends `stats` events (the JSON of `/api/v1/stats`); `/live?page=overview` sends `panels`
events with the changed pieces of that page. A page with parameters takes them beside its name. An
event's id stands for the content: who comes back with it as `Last-Event-ID`, to this process or to
another, is sent nothing until there is news. A `ping` says how old what was told is. No backlog
exists: each stream takes the newest state when it is ready for it.

To make a page live: where it is a function of the stats, name it in `web.panels.PAGES`; where it
has parameters or reads for itself, describe it in `PAGES_THAT_READ`. Its template marks each piece
with `data-panel="<name>"`, and its body says `data-live="<page>"`; with parameters,
`data-live="/live?page=…&…"`.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from aiohttp.web import Application, HTTPBadRequest, Request, StreamResponse

from conscope_app import app
from web.aiohttp_app import native
from web.event import event_panels
from web.event_stream import EventStreams
from web.live_pages import LivePages
from web.news import PageState, State, StatsState
from web.operations_panels import operations_panels
from web.operations_snapshot import current_operations
from web.page_spec import BadAddress, PageSpec
from web.panels import PAGES, Panels
from web.patience import Asked
from web.rounds import Rounds
from web.schema import Stats
from web.snapshot import current_stats
from web.watches import list_panels, watch_panels


async def _event(parameters: Mapping[str, str]) -> Panels:
    return await event_panels(parameters["event_id"], parameters.get("currency"))


async def _operations(_: Mapping[str, str]) -> Panels:
    return operations_panels(await current_operations())


async def _watches(parameters: Mapping[str, str]) -> Panels:
    return await list_panels(parameters.get("after", ""))


async def _watch(parameters: Mapping[str, str]) -> Panels:
    return await watch_panels(parameters["watch_id"])


PAGES_THAT_READ: Mapping[str, PageSpec] = {
    "event": PageSpec(panels=_event, needs=("event_id",), takes=("currency",)),
    "operations": PageSpec(panels=_operations),
    "watches": PageSpec(panels=_watches, takes=("after",)),
    "watch": PageSpec(panels=_watch, needs=("watch_id",)),
}

Ask = Callable[[], Awaitable[State]]

streams = EventStreams()
pages = LivePages(rounds=partial(Rounds, is_under_pressure=app.is_under_pressure))

# Several pages show the stats, each in every round: what is newer than this is the same round's.
_stats = Asked(current_stats, fresh_s=0.5, patience_s=10.0, rest_ratio=1)


async def live(request: Request) -> StreamResponse:
    """Serve one stream until the client leaves or the worker stops."""
    streams.check_room()  # before anything is asked for the sake of who will be refused
    query = list(request.query.items())
    named = [value for name, value in query if name == "page"]
    given = [(name, value) for name, value in query if name != "page"]
    try:
        key, ask = _asked_for(named, given)
    except BadAddress as error:
        raise HTTPBadRequest(text=str(error)) from None
    async with pages.watching(key, ask, reads=key[0] in PAGES_THAT_READ) as page:
        return await streams.serve(request, page)


def _asked_for(named: list[str], given: list[tuple[str, str]]) -> tuple[tuple[str, ...], Ask]:
    """The page's key and how it is put together, or BadAddress."""
    if len(named) > 1:
        raise BadAddress("page is given twice.")
    name = named[0] if named else ""
    spec = PAGES_THAT_READ.get(name)
    if spec is not None:
        parameters = spec.parameters(given)
        key = (name, *(f"{each}={value}" for each, value in sorted(parameters.items())))
        return key, lambda: _page_state(spec, parameters)
    if given:
        raise BadAddress("This page takes no such parameter.")
    if not named:
        return ("",), _stats_state
    if name not in PAGES:
        raise BadAddress(f"page is one of: {', '.join(sorted({*PAGES, *PAGES_THAT_READ}))}.")
    return (name,), lambda: _panels_state(PAGES[name])


async def _stats_state() -> State:
    return StatsState.of(await _stats.get())


async def _panels_state(panels: Callable[[Stats], Panels]) -> State:
    stats = await _stats.get()
    return PageState.of(stats.as_of, panels(stats))


async def _page_state(spec: PageSpec, parameters: Mapping[str, str]) -> State:
    as_of = app.services.clock()
    return PageState.of(as_of, await spec.panels(parameters))


async def _close(_: Application) -> None:
    streams.closing()
    await pages.close()
    await streams.close()


_web_app = native(app)
# Not `@app.page`: Faust's monitor would take a stream's whole life for the latency of an answer.
_web_app.router.add_get("/live", live, allow_head=False)
_web_app.on_shutdown.append(_close)
