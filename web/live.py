"""`/live`: server-sent events, at most one a second, and only when something changed.

`/live` sends `stats` events (the JSON of `/api/v1/stats`); `/live?page=overview` sends `panels`
events with the changed pieces of that page. An event's id stands for the content: who comes back
with it as `Last-Event-ID` is sent nothing until there is news. No backlog exists: each stream
takes the newest state when it is ready for it.
"""

from aiohttp.web import HTTPBadRequest, Request, StreamResponse

from conscope_app import app
from web.aiohttp_app import native
from web.event_stream import EventStreams, Source
from web.news import PageNews, PageSource, StatsNews, StatsSource
from web.panels import PAGES
from web.snapshot import current_stats

streams = EventStreams()
_stats = StatsNews(current_stats)
_pages = {page: PageNews(current_stats, panels) for page, panels in PAGES.items()}


async def live(request: Request) -> StreamResponse:
    """Serve one stream until the client leaves or the worker stops."""
    return await streams.serve(request, _source(request.query.get("page")))


def _source(page: str | None) -> Source:
    if page is None:
        return StatsSource(_stats)
    if page not in _pages:
        raise HTTPBadRequest(text=f"page is one of: {', '.join(sorted(_pages))}.")
    return PageSource(_pages[page])


_web_app = native(app)
# Not `@app.page`: Faust's monitor would take a stream's whole life for the latency of an answer.
_web_app.router.add_get("/live", live, allow_head=False)
_web_app.on_shutdown.append(streams.close)
