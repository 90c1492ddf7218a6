"""What an orchestrator asks: is the process alive, may it be given work."""

import msgspec
from faust.web import Request, Response, View

from conscope_app import app


@app.page("/health/live", name="health_live")
async def health_live(view: View, request: Request) -> Response:
    """200 for as long as the event loop runs; says nothing else, and needs no token."""
    return _json(view, {"live": True}, 200)


@app.page("/health/ready", name="health_ready")
async def health_ready(view: View, request: Request) -> Response:
    """200 when this worker can take work; 503 and the reasons when it cannot."""
    health = app.health()
    return _json(view, health, 200 if health.ready else 503)


def _json(view: View, value: object, status: int) -> Response:
    body = msgspec.json.encode(value)
    return view.bytes(body, status=status, content_type="application/json")
