"""An exchange with a vendor, as a recording holds it: one line of JSON, with no secret in it."""

import base64
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Annotated, NamedTuple
from urllib.parse import quote, quote_plus

import msgspec
from msgspec import Meta

from conscope_app.core.printable import printable
from conscope_app.domains.tickets.records import as_utc
from conscope_app.sources.adapter import Answer, Request

# What paging, filters and conditional requests are made of. Another name is left out unless the
# source is known to use it: it may be a key.
QUERY_NAMES = frozenset(
    {
        *("page", "per_page", "size", "limit", "offset", "cursor", "after", "since", "start"),
        *("sort", "order", "locale", "id", "ids", "q", "type", "source", "includeTest"),
        *("datetime_utc.gte", "datetime_utc.lt", "datetime_utc.lte", "datetime_utc.gt"),
        *("startDateTime", "endDateTime", "countryCode", "venueId", "attractionId", "dmaId"),
        *("venue.id", "performers.id", "taxonomies.name", "lat", "lon", "range"),
    }
)
HEADER_NAMES = frozenset(
    {
        *("content-type", "date", "age", "etag", "last-modified", "cache-control", "expires"),
        *("retry-after", "rate-limit", "rate-limit-available", "rate-limit-over"),
        *("rate-limit-reset", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"),
        *("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"),
    }
)
_MASKED = "[secret]"


class Exchange(NamedTuple):
    """What was asked of a source, without the key, and what it answered."""

    source: str
    request: Request
    answer: Answer


class Unreadable(ValueError):
    """A line that is no exchange; the message says why."""


class _Line(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The line. `left_out` names what was asked beside `query`, and is not told."""

    source: Annotated[str, Meta(min_length=1)]
    received_at: datetime
    path: str
    query: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()
    event_ids: tuple[str, ...] = ()
    page: int = 1
    status: int
    headers: dict[str, str] = {}
    body: str | None = None
    body_base64: str | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Line).decode


class Secrets:
    """The keys that no recording may hold; its own `repr` shows none of them."""

    def __init__(self, keys: Iterable[str]) -> None:
        spellings = {
            spelling
            for key in keys
            if key
            for spelling in (key, quote(key), quote(key, safe=""), quote_plus(key), _escaped(key))
        }
        self._spellings = sorted(spellings, key=len, reverse=True)

    def __repr__(self) -> str:
        return f"Secrets({len(self._spellings)} spellings)"

    def mask(self, text: str) -> str:
        """The text with `[secret]` in the place of each key, as it is or as addresses spell it."""
        for spelling in self._spellings:
            text = text.replace(spelling, _MASKED)
        return text

    def mask_bytes(self, body: bytes) -> bytes:
        """The same for bytes."""
        for spelling in self._spellings:
            body = body.replace(spelling.encode(), _MASKED.encode())
        return body


def to_line(exchange: Exchange, secrets: Secrets, query_names: Collection[str]) -> bytes:
    """The exchange as a line with its end, as far as parameters and headers are known by name."""
    source, request, answer = exchange
    kept = tuple(
        (name, secrets.mask(value)) for name, value in request.query if name in query_names
    )
    text, encoded = _body(secrets.mask_bytes(answer.body))
    line = _Line(
        source=source,
        received_at=as_utc(answer.received_at),
        path=secrets.mask(request.path),
        query=kept,
        left_out=tuple(name for name, _ in request.query if name not in query_names),
        event_ids=request.event_ids,
        page=request.page,
        status=answer.status,
        headers=_kept_headers(answer.headers, secrets),
        body=text,
        body_base64=encoded,
    )
    return _encode(line) + b"\n"


def from_line(line: bytes) -> Exchange:
    """The exchange that a line holds. Raises `Unreadable`."""
    try:
        read = _decode(line)
        body = _body_of(read)
        received_at = as_utc(read.received_at)
    except (msgspec.DecodeError, ValueError, RecursionError, OverflowError) as error:
        raise Unreadable(printable(str(error))) from None
    request = Request(read.path, read.query, read.event_ids, page=read.page)
    return Exchange(read.source, request, Answer(read.status, read.headers, body, received_at))


def _kept_headers(headers: Mapping[str, str], secrets: Secrets) -> dict[str, str]:
    return {name: secrets.mask(value) for name, value in headers.items() if name in HEADER_NAMES}


def _body(body: bytes) -> tuple[str | None, str | None]:
    """The body as text, which compresses well and can be searched; or else in base 64."""
    try:
        return body.decode("utf-8"), None
    except UnicodeDecodeError:
        return None, base64.b64encode(body).decode()


def _body_of(line: _Line) -> bytes:
    if line.body_base64 is not None:
        return base64.b64decode(line.body_base64, validate=True)
    return (line.body or "").encode()


def _escaped(key: str) -> str:
    """The key as a JSON string spells it."""
    return json.dumps(key)[1:-1]
