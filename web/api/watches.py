"""`/api/v1/watches`: watches listed, read, made, changed, snoozed and deleted.

A watch's version is its ETag. With `If-Match` it is changed, snoozed or deleted in that version
only, with `If-None-Match: *` only made; otherwise the answer is 412.
"""

from datetime import datetime
from functools import partial
from http import HTTPStatus

import msgspec
from aiohttp import hdrs
from faust.web import Request, Response, View

from conscope_app import app
from conscope_app.alerting.watches.validation import read_fields
from conscope_app.store.watches import definitions
from conscope_app.store.watches.acknowledging import snooze
from conscope_app.store.watches.definitions import Stored
from conscope_app.store.watches.reading import read_definition
from web.bodies import etag, expected_version, json_of, number_of, with_id
from web.problems import Problem, answered
from web.schema import encode

DEFAULT_LIMIT, MAX_LIMIT = 100, 1_000


class WatchPage(msgspec.Struct, frozen=True):
    """Some watches in the order of their ids; `next` goes on behind them (`after=`), if not null.

    `is_published` says whether running workers have been told of the version.
    """

    watches: list[Stored]
    next: str | None


class SnoozeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when; null ends it."""

    until: datetime | None


@app.page("/api/v1/watches", name="api_watches")
class Watches(View):
    """All watches, or those about one subject (`subject=`), in pages of `limit`."""

    @answered
    async def get(self, request: Request) -> Response:
        """A page of watches."""
        limit = number_of(request, "limit", DEFAULT_LIMIT, MAX_LIMIT)
        read = partial(
            definitions.list_watches,
            after=request.query.get("after", ""),
            subject=request.query.get("subject"),
            limit=limit,
        )
        found = await app.services.database.run(read)
        following = found[-1].watch.id if len(found) == limit else None
        return self.bytes(encode(WatchPage(found, following)), content_type="application/json")


@app.page("/api/v1/watches/{watch_id}", name="api_watch")
class OneWatch(View):
    """One watch by its id."""

    @answered
    async def get(self, request: Request, watch_id: str) -> Response:
        """The watch as it is now."""
        return _shown(self, await stored_watch(watch_id), HTTPStatus.OK)

    @answered
    async def put(self, request: Request, watch_id: str) -> Response:
        """Make the watch, or change it; the same definition again changes nothing."""
        given = with_id(await json_of(request), watch_id)
        watch = read_definition(given, channels=app.services.telling.channels)
        put = partial(definitions.put, watch=watch, expected=expected_version(request))
        done = await app.services.database.run(put)
        status = HTTPStatus.CREATED if done.is_new else HTTPStatus.OK
        return _shown(self, await stored_watch(watch_id), status)

    @answered
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

    @answered
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
