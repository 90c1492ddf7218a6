"""Faust's web server as the aiohttp application that it is, for what Faust's own API lacks."""

from typing import cast

from aiohttp.web import Application, AppRunner
from faust.types import AppT
from faust.web.drivers.aiohttp import Web


def native(app: AppT) -> Application:
    """The aiohttp application behind `app.web`; open to additions until the server starts."""
    return cast("Web", app.web).web_app


def serve_with(app: AppT, runner: AppRunner) -> None:
    """Have the worker serve `app.web` with this runner; until the server starts."""
    cast("Web", app.web)._runner = runner  # noqa: SLF001 tests/stream/test_faust_seams.py
