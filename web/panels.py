"""A page as panels: pieces of HTML that are rendered once and serve the page and its stream.

To make another page live, list its panels here as a function of the stats and name it in `PAGES`;
its templates mark each piece with `data-panel="<name>"`.
"""

from collections.abc import Callable, Mapping

from markupsafe import Markup

from web.schema import Stats
from web.templating import render

Panels = dict[str, Markup]

_DASHBOARD = (
    "marks",
    "losses",
    "notices",
    "moves",
    "prices",
    "alerts",
    "deliveries",
    "dead_letters",
    "feeds",
    "workers",
)


def dashboard_panels(stats: Stats) -> Panels:
    """The pieces of `/`, by name."""
    # Markup: the templates have escaped every value already.
    return {name: Markup(render(f"dashboard/{name}.html", stats=stats)) for name in _DASHBOARD}  # noqa: S704 our own templates' output


PAGES: Mapping[str, Callable[[Stats], Panels]] = {"dashboard": dashboard_panels}
