"""`/api/v1/stats`: what the dashboard shows, as JSON. The shape is `web.schema.Stats`."""

from faust.web import Request, Response, View

from conscope_app import app
from web.schema import encode
from web.snapshot import current_stats


@app.page("/api/v1/stats", name="api_stats")
async def api_stats(view: View, request: Request) -> Response:
    """The whole cluster, from any worker; `alerts` is null while the database is away."""
    return view.bytes(encode(await current_stats()), content_type="application/json")
