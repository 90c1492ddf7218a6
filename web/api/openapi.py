"""`/api/v1/openapi.json`: what this API can do, for programs that write programs."""

from functools import cache
from typing import Any

import msgspec
from faust.web import Request, Response, View

from conscope_app import app
from web.openapi.declaration import described
from web.openapi.document import document


@app.page("/api/v1/openapi.json", name="api_openapi")
class OpenApi(View):
    """The document."""

    @described(tag="api", summary="This document.", answer=dict[str, Any])
    async def get(self, request: Request) -> Response:
        """OpenAPI 3.1."""
        return self.bytes(_encoded(), content_type="application/json")


@cache
def _encoded() -> bytes:
    # Pages are registered before the server starts, and settings do not change.
    asks_for_token = app.settings.web_token is not None
    return msgspec.json.encode(document(app.web.views, asks_for_token=asks_for_token))
