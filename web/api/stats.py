"""`/api/v1/stats`: the whole cluster at one moment, as JSON."""

from faust.web import Request, Response, View

from conscope_app import app
from web.openapi.declaration import described
from web.schema import Stats, encode
from web.snapshot import current_stats


@app.page("/api/v1/stats", name="api_stats")
@described(
    tag="overview",
    summary="The whole cluster now, from any worker; `alerts` is null while the database is away.",
    answer=Stats,
)
async def api_stats(view: View, request: Request) -> Response:
    """Never waits long, whatever the database does."""
    return view.bytes(encode(await current_stats()), content_type="application/json")
