"""Watches tried with stored prices: `/api/v1/watches/dry-run` and `/api/v1/watches/{id}/why`.

Both go through the history in a process of their own, one at a time in each worker, and say how
far they came where the time was over.
"""

import asyncio
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from faust.web import Request, Response, View
from msgspec import Meta

from conscope_app import app
from conscope_app.alerting.watches.validation import Invalid, read_fields
from conscope_app.alerting.watches.validation import Problem as FieldProblem
from conscope_app.store.watches.apart import Errand, Unanswerable, run_apart
from conscope_app.store.watches.explaining import Explained, Question
from conscope_app.store.watches.history import By
from conscope_app.store.watches.reading import read_definition
from conscope_app.store.watches.rehearsal import Asked, Rehearsed
from web.api.watches import stored_watch
from web.bodies import json_of
from web.openapi.declaration import Body, described
from web.problems import Problem
from web.queries import query_of

# Long enough for some hundred thousand prices, and no longer than a person waits for a page.
WITHIN_S = 20.0
MAX_TRACES = 10_000
NAMELESS = "not-kept"  # the id of a watch that is tried before it has one
_DAY = timedelta(days=1)

_TURN = asyncio.Lock()


_DEFINITION = Meta(extra_json_schema={"$ref": "#/components/schemas/WatchInput"})


class DryRunRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A definition, and how many days back it is to be tried. Of messages so many are listed."""

    watch: Annotated[dict[str, Any], _DEFINITION]
    days: Annotated[float, Meta(gt=0, le=366)] = 30.0
    by: By = "recorded"
    limit: Annotated[int, Meta(ge=1, le=1_000)] = 100


class WhyQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which time, by which clock, and how many sentences."""

    since: Annotated[
        datetime | None, Meta(description="The first moment; a day before the last, if left out.")
    ] = msgspec.field(name="from", default=None)
    until: Annotated[datetime | None, Meta(description="The last moment; now, if left out.")] = (
        msgspec.field(name="to", default=None)
    )
    by: Annotated[By, Meta(description="Whether as prices were recorded, or observed.")] = (
        "recorded"
    )
    limit: Annotated[int, Meta(ge=1, le=MAX_TRACES)] = 1_000


@app.page("/api/v1/watches/dry-run", name="api_dry_run")
class DryRun(View):
    """What a watch would have told, before it is kept."""

    @described(
        tag="watches",
        summary="What a watch would have told in the last `days`, before it is kept.",
        body=Body(DryRunRequest),
        answer=Rehearsed,
    )
    async def post(self, request: Request) -> Response:
        """The messages that would have been sent."""
        asked = read_fields(await json_of(request), DryRunRequest)
        try:
            watch = read_definition(
                {"id": NAMELESS, **asked.watch}, channels=app.services.telling.channels
            )
        except Invalid as invalid:
            raise Invalid(
                tuple(
                    FieldProblem(f"watch.{each.field}".rstrip("."), each.sentence)
                    for each in invalid.problems
                )
            ) from None
        now = app.services.clock()
        return await _answer(
            self,
            Asked(
                watch=watch,
                since=now - asked.days * _DAY,
                until=now,
                by=asked.by,
                most_messages=asked.limit,
            ),
        )


@app.page("/api/v1/watches/{watch_id}/why", name="api_why")
class Why(View):
    """What a watch made of what it saw, each in one sentence."""

    @described(
        tag="watches",
        summary="Why a watch told what it did: what it made of each price, in one sentence.",
        path={"watch_id": "The watch's id."},
        query=WhyQuery,
        answer=Explained,
    )
    async def get(self, request: Request, watch_id: str) -> Response:
        """Everything `from` a moment `to` another: the last day, where nothing is said."""
        asked = query_of(request, WhyQuery)
        until = asked.until or app.services.clock()
        since = asked.since or until - _DAY
        if since >= until:
            detail = "from must be before to."
            raise Problem(HTTPStatus.BAD_REQUEST, detail, [("from", detail)])
        stored = await stored_watch(watch_id)
        return await _answer(
            self,
            Question(
                watch=stored.watch,
                made_at=stored.made_at,
                since=since,
                until=until,
                by=asked.by,
                most_traces=asked.limit,
            ),
        )


async def _answer(view: View, asked: Asked | Question) -> Response:
    if _TURN.locked():
        detail = "Another dry run is under way here; one goes at a time."
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail)
    url = app.settings.database_url.get_secret_value()
    async with _TURN:
        try:
            found = await run_apart(Errand(url=url, asked=asked, within_s=WITHIN_S))
        except Unanswerable as error:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, f"There is no answer: {error}.") from None
    return view.bytes(found, content_type="application/json")
