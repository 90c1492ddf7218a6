"""`/operations` and its JSON, as the tests read them."""

import re
from html import unescape

import msgspec
from aiohttp import ClientSession

from tests.web.api import ask
from tests.web.site import Site
from web.operations_schema import Operations

HOSTILE = "<img src=x onerror=alert(1)>\u202e"


async def operations(site: Site) -> Operations:
    """The JSON, in the shape that it promises."""
    answer = await ask(site, "GET", "operations")
    assert answer.status == 200
    return msgspec.convert(answer.body, Operations)


async def words(site: Site, path: str = "/operations") -> str:
    """The page's text, with one blank between words."""
    async with ClientSession(site.url) as client, client.get(path) as answer:
        assert answer.status == 200
        html = await answer.text()
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())
