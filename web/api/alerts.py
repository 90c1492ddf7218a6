"""`/api/v1/alerts?limit=`: the newest alerts as JSON. The shape is `web.schema.AlertPage`."""

from aiohttp.web import HTTPBadRequest
from faust.web import Request, Response, View

from conscope_app import app
from web.schema import encode
from web.snapshot import MAX_ALERTS, newest_alerts

DEFAULT_LIMIT = 20


@app.page("/api/v1/alerts", name="api_alerts")
async def api_alerts(view: View, request: Request) -> Response:
    """The newest alerts, at most `limit` (1 to 500, 20 where it is not given)."""
    page = await newest_alerts(_limit(request.query.get("limit", str(DEFAULT_LIMIT))))
    return view.bytes(encode(page), content_type="application/json")


def _limit(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MAX_ALERTS:
        return int(text)
    raise HTTPBadRequest(text=f"limit is a whole number from 1 to {MAX_ALERTS}.")
