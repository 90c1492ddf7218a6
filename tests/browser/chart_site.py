"""A page with a price chart and nothing else, served as the real ones are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp.test_utils import TestServer
from aiohttp.web import Application, Request, Response, json_response

from web.assets import STATIC
from web.security_headers import add_security_headers

AS_OF = int(datetime(2026, 3, 1, 14, 3, 22, tzinfo=UTC).timestamp())
HOSTILE = "<img src=x onerror=alert(1)>\u202eevil"
SPANS_S = {"hour": 60, "day": 900, "week": 3600, "month": 3600, "all": 86_400}
COUNTS = {"hour": 60, "day": 96, "week": 168, "month": 720, "all": 90}

PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>A price chart</title>
  <link rel="icon" href="/static/favicon.svg">
  <link rel="stylesheet" href="/static/conscope.css">
  <link rel="stylesheet" href="/static/built/charts.css">
  <script src="/static/times.js" defer></script>
  <script src="/static/built/htmx.js" defer></script>
  <script src="/static/built/charts.js" defer></script>
</head>
<body>
  <main>
    <h1>Taylor Swift</h1>
    <section class="card">
      <figure data-price-chart data-src="/prices" data-currency="%s">
        <figcaption><h2>Price over time</h2></figcaption>
      </figure>
    </section>
    <p id="times">
      <time data-local="clock" datetime="2026-03-01T14:03:22+00:00"
            title="2026-03-01 14:03:22 UTC">14:03:22</time>
      <time data-local="moment" datetime="2026-03-01T14:03:22+00:00">2026-03-01 14:03:22 UTC</time>
      <time data-local="day" datetime="2026-03-01">2026-03-01</time>
    </p>
    <button hx-get="/piece" hx-target="#piece">Fetch</button>
    <p id="piece"></p>
  </main>
</body>
</html>
"""


def prices(
    range_: str, names: list[str], *, by: str = "event", currency: str = "USD"
) -> dict[str, Any]:
    """What the server says: each series dearer than the one before, all falling."""
    span, count = SPANS_S[range_], COUNTS[range_]
    start = AS_OF // span * span - (count - 1) * span
    at = [start + i * span for i in range(count)]
    series = []
    for place, name in enumerate(names):
        lowest = [100 + 15 * place - 20 * i / count + 4 * (i % 11 == 0) for i in range(count)]
        series.append(
            {
                "name": name,
                "at": at,
                "lowest": [round(each, 2) for each in lowest],
                "lower_quartile": [round(each * 1.2, 2) for each in lowest],
                "median": [round(each * 1.5, 2) for each in lowest],
                "upper_quartile": [round(each * 2.1, 2) for each in lowest],
                "drops": [3 if i % 11 == 1 else 0 for i in range(count)],
            }
        )
    return {
        "as_of": datetime.fromtimestamp(AS_OF, tz=UTC).isoformat(),
        "event_id": "e-1",
        "currency": currency,
        "by": by,
        "range": range_,
        "span_s": span,
        "series": series,
    }


@dataclass
class ChartSite:
    """The served page. A test sets what is answered; `asked` is what was asked for."""

    url: str = ""
    currency: str = "USD"
    names: dict[str, list[str]] = field(
        default_factory=lambda: {
            "event": [""],
            "source": ["stubhub", HOSTILE, "drops"],
            "section": [f"Section {100 + i}" for i in range(12)],
        }
    )
    answers: list[Any] = field(default_factory=list)  # taken before anything else
    status: int = 200
    held: asyncio.Event | None = None  # an answer waits for it
    asked: list[dict[str, str]] = field(default_factory=list)

    async def page(self, _: Request) -> Response:
        """The page."""
        return Response(text=PAGE % self.currency, content_type="text/html")

    async def answer(self, request: Request) -> Response:
        """The prices, or the trouble that a test asked for."""
        self.asked.append(dict(request.query))
        if self.held is not None:
            await self.held.wait()
        if self.status != 200:
            return json_response({"detail": "The database is away."}, status=self.status)
        if self.answers:
            return json_response(self.answers.pop(0))
        by = request.query["by"]
        asked = prices(request.query["range"], self.names[by], by=by, currency=self.currency)
        return json_response(asked)

    async def piece(self, _: Request) -> Response:
        """What htmx puts into the page; its script is not to run."""
        return Response(text="<b>fetched</b><script>alert(1)</script>", content_type="text/html")


@asynccontextmanager
async def serving() -> AsyncIterator[ChartSite]:
    """Serve the page for as long as the block runs."""
    site = ChartSite()
    served = Application()
    served.on_response_prepare.append(add_security_headers)
    served.router.add_get("/", site.page)
    served.router.add_get("/prices", site.answer)
    served.router.add_get("/piece", site.piece)
    served.router.add_static("/static", STATIC)
    server = TestServer(served, host="127.0.0.1")
    await server.start_server()
    site.url = str(server.make_url("/"))
    try:
        yield site
    finally:
        await server.close()
