"""The static files, and their addresses."""

import hashlib
from functools import cache
from pathlib import Path

from conscope_app import app

STATIC = Path(__file__).parent / "static"


@cache
def static_url(name: str) -> str:
    """The address of a static file, with a hash of its content so that it may be kept for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@cache
def built(name: str) -> str | None:
    """The address of a file that the client's build makes; none where it was not built.

    A page does without it then: it is complete in what the server renders.
    """
    return static_url(f"built/{name}") if (STATIC / "built" / name).is_file() else None


app.web.add_static("/static", STATIC)
