"""`/api/v1/operations`: what the operations page shows, as JSON: `web.operations_schema`."""

from faust.web import Request, Response, View

from conscope_app import app
from web.openapi.declaration import described
from web.operations_schema import Operations
from web.operations_snapshot import current_operations
from web.schema import encode


@app.page("/api/v1/operations", name="api_operations")
class ShownOperations(View):
    """The whole cluster, from any worker."""

    @described(
        tag="operations",
        summary="Workers, agents, delays, sources, errors; null of the database while it is away.",
        answer=Operations,
    )
    async def get(self, request: Request) -> Response:
        """Workers, agents, delays, tables, sources, errors; `database` null while it is away."""
        found = await current_operations()
        return self.bytes(encode(found), content_type="application/json")
