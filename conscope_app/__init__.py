"""ConScope: real-time price monitoring as a Faust stream application.

`faust -A conscope_app worker` finds the application as the attribute `app`, which is built when
it is first asked for: importing a pure room (`conscope_app.domains`, `conscope_app.core`) opens,
reads and configures nothing.
"""

import gc
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conscope_app.application import ConScope

    app: ConScope

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "app":
        # Most of what is imported and built from here on lives for ever, and of a record little is
        # cyclic: looking for garbage as often as Python does costs a tenth of a worker's start.
        gc.set_threshold(50_000, 20, 50)

        from conscope_app.application import current_app

        return current_app()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
