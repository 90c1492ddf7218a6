"""A worker as far as a live page knows it: a page, its stream and the scripts, on a fixed port."""

import asyncio
import string

from aiohttp import web
from aiohttp.test_utils import unused_port

from tests.web.boards import Board
from tests.web.reports import NOW
from web.assets import STATIC
from web.event_stream import EventStreams
from web.live_page import LivePage

_PAGE = string.Template("""<!doctype html><html lang="en"><title>Live</title>
<link rel="icon" href="data:,"><script src="/static/live.js" defer></script>
<body data-live="/live?page=event&amp;event_id=a%2Fb">
<p data-live-state="still"><span role="status" data-live-word>As of</span>
<time data-live-clock datetime="$as_of">$as_of</time></p>
<main data-panel="text">$text</main></body></html>""")


class LiveWorker:
    """Serves what is on its board; `die` and `start` again are a worker that was restarted.

    `now` is the clock by which it knows how old its page is.
    """

    def __init__(self) -> None:
        self.board = Board()
        self.now = 100.0
        self.asked: list[str] = []  # addresses of streams
        self.port = unused_port()
        self.url = f"http://127.0.0.1:{self.port}/"

    @property
    def open(self) -> int:
        """How many streams are open."""
        return self._streams.open

    async def start(self, *, ping_every_s: float = 0.05) -> None:
        """Serve, as a process that knows nothing of an earlier one."""
        self.page = LivePage("the page", self.board.ask, monotonic=lambda: self.now)
        self._streams = EventStreams(ping_every_s=ping_every_s, first_within_s=0.05)
        application = web.Application()
        application.router.add_get("/", self._document)
        application.router.add_get("/live", self._live)
        application.router.add_static("/static", STATIC)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        await self.page.refresh()

    async def die(self) -> None:
        """Be gone from one moment to the next."""
        self._streams.closing()
        await self.page.wake()
        await self._runner.cleanup()

    async def tell(self, text: str) -> None:
        """Have the page say this."""
        self.board.panels = {"text": text}
        await self.page.refresh()

    async def until_open(self, count: int) -> None:
        """Return when so many streams are open."""
        async with asyncio.timeout(10):
            while self.open != count:  # noqa: ASYNC110 nothing tells of it
                await asyncio.sleep(0.01)

    async def _document(self, _: web.Request) -> web.Response:
        text = _PAGE.substitute(as_of=NOW.isoformat(), text=self.board.panels["text"])
        return web.Response(text=text, content_type="text/html")

    async def _live(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        return await self._streams.serve(request, self.page)
