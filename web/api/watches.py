"""`/api/v1/watches`: watches listed, read, made, changed, snoozed and deleted.

A watch's version is its ETag. With `If-Match` it is changed, snoozed or deleted in that version
only, with `If-None-Match: *` only made; otherwise the answer is 412.
"""

from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated

import msgspec
from aiohttp import hdrs
from faust.web import Request, Response, View
from msgspec import Meta

from conscope_app import app
from conscope_app.alerting.watches.validation import read_fields
from conscope_app.alerting.watches.watch import Watch
from conscope_app.store.watches import definitions
from conscope_app.store.watches.acknowledging import snooze
from conscope_app.store.watches.definitions import Stored
from conscope_app.store.watches.reading import read_definition
from web.bodies import etag, expected_version, json_of, with_id
from web.openapi.declaration import Body, described
from web.problems import Problem
from web.queries import query_of
from web.schema import encode

_PATH = {"watch_id": "The watch's id."}


class WatchPage(msgspec.Struct, frozen=True):
    """Some watches in the order of their ids; `next` goes on behind them (`after=`), if not null.

    `is_published` says whether running workers have been told of the version.
    """

    watches: list[Stored]
    next: str | None


class WatchQuery(msgspec.Struct, frozen=True):
    """Which watches; what is left out takes them all."""

    subject: Annotated[str | None, Meta(description="Only those about this subject.")] = None
    after: Annotated[str, Meta(description="The `next` of a page, to go on.")] = ""
    limit: Annotated[int, Meta(ge=1, le=1_000)] = 100


class SnoozeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when; null ends it."""

    until: datetime | None


@app.page("/api/v1/watches", name="api_watches")
class Watches(View):
    """All watches, or those about one subject (`subject=`), in pages of `limit`."""

    @described(
        tag="watches",
        summary="Watches in the order of their ids.",
        query=WatchQuery,
        answer=WatchPage,
    )
    async def get(self, request: Request) -> Response:
        """A page of watches."""
        asked = query_of(request, WatchQuery)
        read = partial(definitions.list_watches, **msgspec.structs.asdict(asked))
        found = await app.services.database.run(read)
        following = found[-1].watch.id if len(found) == asked.limit else None
        return self.bytes(encode(WatchPage(found, following)), content_type="application/json")


@app.page("/api/v1/watches/{watch_id}", name="api_watch")
class OneWatch(View):
    """One watch by its id."""

    @described(
        tag="watches",
        summary="One watch; its ETag is its version.",
        path=_PATH,
        answer=Stored,
        is_versioned=True,
    )
    async def get(self, request: Request, watch_id: str) -> Response:
        """The watch as it is now."""
        return _shown(self, await stored_watch(watch_id), HTTPStatus.OK)

    @described(
        tag="watches",
        summary="Make a watch, or change it; the same definition again changes nothing.",
        path=_PATH,
        body=Body(Watch, from_address=("id",)),
        answer=Stored,
        status=(HTTPStatus.OK, HTTPStatus.CREATED),
        is_versioned=True,
    )
    async def put(self, request: Request, watch_id: str) -> Response:
        """Make the watch, or change it; the same definition again changes nothing."""
        given = with_id(await json_of(request), watch_id)
        watch = read_definition(given, channels=app.services.telling.channels)
        put = partial(definitions.put, watch=watch, expected=expected_version(request))
        done = await app.services.database.run(put)
        status = HTTPStatus.CREATED if done.is_new else HTTPStatus.OK
        return _shown(self, await stored_watch(watch_id), status)

    @described(
        tag="watches",
        summary="Delete a watch; what it had raised is told as over.",
        path=_PATH,
        answer=None,
        status=(HTTPStatus.NO_CONTENT,),
        is_versioned=True,
    )
    async def delete(self, request: Request, watch_id: str) -> Response:
        """Delete the watch; what it had raised is told as over."""
        expected = expected_version(request)
        work = partial(definitions.delete, watch_id=watch_id, expected=expected)
        if not await app.services.database.run(work):
            raise _no_such_watch(watch_id)
        return self.bytes(b"", status=HTTPStatus.NO_CONTENT.value)


@app.page("/api/v1/watches/{watch_id}/snooze", name="api_snooze")
class Snooze(View):
    """A watch that is to say nothing for a while."""

    @described(
        tag="watches",
        summary="Hold back what a watch finds until a moment, or, until null, no longer.",
        path=_PATH,
        body=Body(SnoozeRequest),
        answer=Stored,
        is_versioned=True,
    )
    async def post(self, request: Request, watch_id: str) -> Response:
        """Hold back what it finds until a moment, or, until null, no longer."""
        asked = read_fields(await json_of(request), SnoozeRequest)
        work = partial(
            snooze, watch_id=watch_id, until=asked.until, expected=expected_version(request)
        )
        if await app.services.database.run(work) is None:
            raise _no_such_watch(watch_id)
        return _shown(self, await stored_watch(watch_id), HTTPStatus.OK)


async def stored_watch(watch_id: str) -> Stored:
    """The watch with this id; 404 where there is none."""
    stored = await app.services.database.run(partial(definitions.get, watch_id=watch_id))
    if stored is None:
        raise _no_such_watch(watch_id)
    return stored


def _shown(view: View, stored: Stored, status: HTTPStatus) -> Response:
    return view.bytes(
        encode(stored),
        status=status.value,
        headers={hdrs.ETAG: etag(stored.watch.version)},
        content_type="application/json",
    )


def _no_such_watch(watch_id: str) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, f"There is no watch {watch_id!r}.")
