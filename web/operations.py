"""`/operations`: what people run ConScope with; complete without JavaScript, live with it."""

from faust.web import Request, Response, View

from conscope_app import app
from web.operations_panels import operations_panels
from web.operations_snapshot import current_operations
from web.templating import render


@app.page("/operations", name="operations")
async def operations(view: View, request: Request) -> Response:
    """Workers, agents, delays, tables, backlogs, sources and errors of the whole cluster."""
    state = await current_operations()
    panels = operations_panels(state)
    return view.html(render("operations/page.html", state=state, panels=panels))
