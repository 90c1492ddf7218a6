"""A page as panels: pieces of HTML that are rendered once and serve the page and its stream.

To make another page live, list its panels here as a function of the stats and name it in `PAGES`
(a page with parameters: see `web.live`); its templates mark each piece with `data-panel="<name>"`.
"""

from collections.abc import Callable, Mapping

from markupsafe import Markup

from web.schema import Stats
from web.templating import render

Panels = dict[str, Markup]

_OVERVIEW = {
    "marks": "overview/marks.html",
    "losses": "shared/losses.html",
    "notices": "shared/notices.html",
    "health": "overview/health.html",
    "moves": "overview/moves.html",
    "prices": "overview/prices.html",
    "drops": "overview/drops.html",
}


def overview_panels(stats: Stats) -> Panels:
    """The pieces of `/`, by name."""
    # Markup: the templates have escaped every value already.
    return {
        name: Markup(render(template, stats=stats))  # noqa: S704 our own templates' output
        for name, template in _OVERVIEW.items()
    }


PAGES: Mapping[str, Callable[[Stats], Panels]] = {"overview": overview_panels}
