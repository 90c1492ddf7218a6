"""ConScope: real-time price monitoring as a Faust stream application.

`faust -A conscope_app worker` finds the application as the attribute `app`, which is built when
it is first asked for: importing a pure room (`conscope_app.domains`, `conscope_app.core`) opens,
reads and configures nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conscope_app.application import ConScope

    app: ConScope

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "app":
        from conscope_app.application import current_app

        return current_app()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
