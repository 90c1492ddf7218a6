"""Requests to `/api/v1` and their answers, as a program makes them."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, NamedTuple

import msgspec
from aiohttp import ClientSession

from tests.web.site import Site


class Answer(NamedTuple):
    """Status, headers, and the JSON of the body."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def problems(self) -> dict[str, str]:
        """What is wrong with which field."""
        return {each["field"]: each["detail"] for each in self.body["errors"]}


async def ask(site: Site, method: str, path: str, body: object = None, **headers: str) -> Answer:
    """One request to the API; words in the names of headers are joined by `_` here."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    given = body if isinstance(body, bytes) or body is None else msgspec.json.encode(body)
    data = None if given is None else BytesIO(given)  # of raw bytes aiohttp sends no large ones
    async with (
        ClientSession(site.url) as client,
        client.request(method, f"/api/v1/{path}", data=data, headers=sent) as answer,
    ):
        read = await answer.read()
        if answer.status >= 400:
            assert answer.content_type == "application/problem+json"
        return Answer(answer.status, answer.headers, msgspec.json.decode(read) if read else None)
