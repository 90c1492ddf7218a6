"""Faust's web server as the aiohttp application that it is, for what Faust's own API lacks."""

from typing import cast

from aiohttp.web import Application
from faust.types import AppT
from faust.web.drivers.aiohttp import Web


def native(app: AppT) -> Application:
    """The aiohttp application behind `app.web`; open to additions until the server starts."""
    return cast("Web", app.web).web_app
