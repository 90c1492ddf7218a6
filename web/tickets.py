"""The ticket prices' dashboard, `/`: complete without JavaScript, live with it."""

from faust.web import Request, Response, View

from conscope_app import app
from web.panels import dashboard_panels
from web.snapshot import current_stats
from web.templating import render


@app.page("/", name="dashboard")
async def dashboard(view: View, request: Request) -> Response:
    """Totals, live listings, alerts, lag and workers of the whole cluster."""
    stats = await current_stats()
    html = render("dashboard.html", stats=stats, panels=dashboard_panels(stats))
    return view.html(html)
