"""Answers that are kept as a file: under a name that every system takes, sent as they are read."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import cast

import psycopg2
from aiohttp import hdrs
from aiohttp.web import Request as NativeRequest
from aiohttp.web import StreamResponse
from faust.web import Request, Response

from conscope_app.store.brief_reads import TooSlow

_MAX_PART = 60
CUT = "X-Truncated"  # `true` where there was more than a file takes


class BrokenOff(Exception):
    """A file that had begun could not be read to its end."""


def file_name(event_id: str, what: str, at: datetime, ending: str) -> str:
    """`<event>-<what>-<moment>.<ending>`, of letters, digits, dashes and underscores only."""
    part = re.sub(r"[^A-Za-z0-9_]+", "-", event_id)[:_MAX_PART].strip("-") or "event"
    return f"{part}-{what}-{at:%Y%m%dT%H%M%SZ}.{ending}"


async def send_file(
    request: Request, name: str, content_type: str, parts: AsyncIterator[bytes], *, is_cut: bool
) -> Response:
    """Send the parts as they come. Whoever goes away ends it: nothing is read for nobody.

    Raises `BrokenOff`, at which the guard cuts the connection: nobody is to take it for the whole.
    """
    answer = StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: content_type,
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
            CUT: "true" if is_cut else "false",
        }
    )
    # Faust's requests and answers are aiohttp's own.
    await answer.prepare(cast("NativeRequest", request))
    try:
        async for part in parts:
            await answer.write(part)
        await answer.write_eof()
    except ConnectionResetError:
        pass  # the client left
    except (psycopg2.Error, TooSlow) as error:
        raise BrokenOff(f"{name} was not sent to its end") from error
    return cast("Response", answer)
