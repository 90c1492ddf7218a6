"""Requests to `/api/v1` and their answers, as a program makes them."""

import csv
import json
from collections.abc import Mapping
from decimal import Decimal
from io import BytesIO, StringIO
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


class File(NamedTuple):
    """A file that was downloaded."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def lines(self) -> list[dict[str, str]]:
        """Its lines, by the names of its columns."""
        return [*csv.DictReader(StringIO(self.text, newline=""))]


async def download(site: Site, path: str) -> File:
    """A file."""
    async with ClientSession(site.url) as client, client.get(f"/api/v1/{path}") as answer:
        return File(answer.status, answer.headers, await answer.text())


async def read_exactly(site: Site, path: str) -> Any:
    """What the API says, with all digits of its numbers."""
    return json.loads((await download(site, path)).text, parse_float=Decimal)


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
