"""`/api/v1/alerts`: plain price drops as JSON, with what became of telling each.

The shapes are `web.schema.AlertPage` and `web.schema.Alert`.
"""

from functools import partial
from http import HTTPStatus
from typing import Annotated

import msgspec
import psycopg2
from faust.web import Request, Response, View
from msgspec import Meta

from conscope_app import app
from conscope_app.core.ids import RecordId
from conscope_app.store.alerts.drop_search import DropFilter, DropPlace, State
from conscope_app.store.alerts.drops import Drop, DropPage, get_drop, list_drops
from conscope_app.store.brief_reads import TooSlow
from conscope_app.store.errors import is_away, reason_of
from web.alerts_query import AlertsQuery, drop_cursor, drops_asked
from web.away import within_patience
from web.bodies import number_of
from web.openapi.declaration import described
from web.patience import Unanswered
from web.problems import Problem
from web.schema import Alert, AlertPage, encode
from web.snapshot import MAX_ALERTS, newest_alerts

DEFAULT_LIMIT = 20


class AlertQuery(AlertsQuery, frozen=True):
    """Which alerts; what is left out takes them all."""

    told: Annotated[State | None, Meta(description="Only those that were told so.")] = None
    limit: Annotated[int, Meta(ge=1, le=MAX_ALERTS)] = DEFAULT_LIMIT


@app.page("/api/v1/alerts", name="api_alerts")
class Alerts(View):
    """The alerts that fit `event`, `words`, `channel`, `told`, `percent`, `since`, `until`."""

    @described(
        tag="alerts",
        summary="Price drops, the newest first; null, with the reason, while the database is away.",
        query=AlertQuery,
        answer=AlertPage,
    )
    async def get(self, request: Request) -> Response:
        """The newest, at most `limit` (1 to 500, 20 where it is not given), behind `after`."""
        limit = number_of(request, "limit", DEFAULT_LIMIT, MAX_ALERTS)
        asked = drops_asked(request.query, limit)
        try:
            found, missing = await _found(asked), None
        except Unanswered as why:
            found, missing = None, str(why)
        return self.bytes(encode(_shown(found, missing)), content_type="application/json")


@app.page("/api/v1/alerts/{alert_id}", name="api_alert")
class OneAlert(View):
    """One alert by its id, such as `raw_prices-3-17`."""

    @described(
        tag="alerts",
        summary="One price drop, and what became of telling each channel.",
        path={"alert_id": "The alert's id, such as `raw_prices-3-17`."},
        answer=Alert,
    )
    async def get(self, request: Request, alert_id: str) -> Response:
        """The alert with its deliveries, and how often each was tried."""
        found = await within_patience(partial(get_drop, alert_id=alert_id))
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, f"There is no alert {alert_id!r}.")
        return self.bytes(encode(_alert(found)), content_type="application/json")


async def _found(asked: DropFilter) -> DropPage:
    """What is asked for; many ask for the newest at once, and share an answer."""
    if asked == DropFilter(limit=asked.limit):
        return _first(await newest_alerts(), asked.limit)
    database = app.services.database
    try:
        return await database.run(partial(list_drops, asked=asked))
    except (psycopg2.Error, TooSlow) as error:
        if isinstance(error, psycopg2.Error) and not is_away(error):
            raise
        raise Unanswered(f"{database.where} does not answer: {reason_of(error)}") from error


def _first(page: DropPage, limit: int) -> DropPage:
    drops = page.drops[:limit]
    if len(drops) == len(page.drops):
        return page
    last = drops[-1]
    _, partition, offset = RecordId.parse(last.id)
    return page._replace(drops=drops, next=DropPlace(last.alert_timestamp, partition, offset))


def _shown(page: DropPage | None, missing: str | None) -> AlertPage:
    return AlertPage(
        as_of=app.services.clock(),
        alerts=None if page is None else [_alert(each) for each in page.drops],
        alerts_missing=missing,
        next=None if page is None or page.next is None else drop_cursor(page.next),
        searched_to=None if page is None else page.searched_to,
        is_cut=page is not None and page.is_cut,
    )


def _alert(drop: Drop) -> Alert:
    told = drop.deliveries[0] if drop.deliveries else None
    return Alert(
        **msgspec.structs.asdict(drop),
        channel=None if told is None else told.channel,
        delivery=None if told is None else told.status,
        sent_at=None if told is None else told.sent_at,
        last_error=None if told is None else told.last_error,
    )
