"""The operations page as panels: pieces of HTML that serve the page and its stream."""

from markupsafe import Markup

from web.operations_schema import Operations
from web.panels import Panels
from web.templating import render

_PIECES = (
    "notices",
    "journeys",
    "agents",
    "workers",
    "partitions",
    "backlog",
    "sources",
    "dead_letters",
    "tables",
    "errors",
)


def operations_panels(state: Operations) -> Panels:
    """The pieces of `/operations`, by name."""
    # Markup: the templates have escaped every value already. Some are pieces of `/` as well, and so
    # all of them call it `stats`.
    return {name: Markup(render(f"operations/{name}.html", stats=state)) for name in _PIECES}  # noqa: S704 our own templates' output
