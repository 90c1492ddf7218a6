"""`/api/v1/event-matches`: which events of several sources are one, and what a person says of it.

What a person says of two events no rule changes. Every change leaves a trace.
"""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

import msgspec
from faust.web import Request, Response, View
from msgspec import Meta
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app import app
from conscope_app.alerting.watches.validation import read_fields
from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Connection
from conscope_app.store.matches import reading
from conscope_app.store.matches.reading import Match, Position, Side, StateName, Step
from conscope_app.store.matches.rulings import Contradicted, NoSuchEvent, NotGrouped, Rulings
from web.away import within_patience
from web.bodies import json_of
from web.cursors import cursor_of, position_of
from web.openapi.declaration import Body, described
from web.problems import Problem
from web.queries import query_of
from web.schema import encode

MOST_STEPS = 100

_PATH = {"event_id": "The event's id."}

# What Postgres holds as text: no NUL.
_TEXT = r"^[^\x00]*$"
EventId = Annotated[str, Meta(min_length=1, max_length=512, pattern=_TEXT)]
By = Annotated[str, Meta(min_length=1, max_length=100, pattern=_TEXT, description="Who says so.")]
Why = Annotated[str, Meta(max_length=500, pattern=_TEXT, description="For whoever reads it later.")]

SOMEBODY = "somebody"


class MatchQuery(msgspec.Struct, frozen=True):
    """Which pairs."""

    state: Annotated[StateName, Meta(description="Only those that are so.")] = "review"
    event: Annotated[str | None, Meta(description="Only those of this event.")] = None
    after: Annotated[str | None, Meta(description="The `next` of a page, to go on.")] = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class MatchPage(msgspec.Struct, frozen=True):
    """Some pairs, the one decided last first; `next` goes on behind them, if not null."""

    matches: list[Match]
    next: str | None


class PairRuling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of two events."""

    one: EventId
    other: EventId
    by: By = SOMEBODY
    why: Why = ""


class SplitRuling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The event that is none of its group."""

    event_id: EventId
    by: By = SOMEBODY
    why: Why = ""


class EventGroup(msgspec.Struct, frozen=True):
    """The events that are one with an event, itself among them, and what was decided of it.

    `members` are in the order in which they joined, `trace` has the last hundred steps, the last
    first.
    """

    event_id: str
    members: list[Side]
    trace: list[Step]


class _Place(msgspec.Struct, frozen=True, array_like=True):
    at: Annotated[datetime, Meta(tz=True)]
    one: EventId
    other: EventId


@app.page("/api/v1/event-matches", name="api_event_matches")
class EventMatches(View):
    """Pairs of events."""

    @described(
        tag="events",
        summary="Pairs of events that are one, or may be, the one decided last first.",
        query=MatchQuery,
        answer=MatchPage,
    )
    async def get(self, request: Request) -> Response:
        """A page of pairs."""
        asked = query_of(request, MatchQuery)

        def read(connection: Connection) -> MatchPage:
            with briefly(connection) as cursor:
                return matches_asked(cursor, asked)

        page = await within_patience(read)
        return self.bytes(encode(page), content_type="application/json")


@app.page("/api/v1/event-matches/of/{event_id}", name="api_event_matches_of")
class MatchesOfEvent(View):
    """One event, and those that are one with it."""

    @described(
        tag="events",
        summary="The events that are one with an event, and how it came to that.",
        path=_PATH,
        answer=EventGroup,
    )
    async def get(self, request: Request, event_id: str) -> Response:
        """Its group and its trace."""
        return await _shown(self, event_id)


@app.page("/api/v1/event-matches/merge", name="api_event_merge")
class MergeEvents(View):
    """Two events that are one."""

    @described(
        tag="events",
        summary="These two are one, and so are their groups.",
        body=Body(PairRuling),
        answer=EventGroup,
        problems=(HTTPStatus.NOT_FOUND,),
    )
    async def post(self, request: Request) -> Response:
        """Merge them; again changes nothing."""
        said = read_fields(await json_of(request), PairRuling)
        await _rule(lambda rulings: rulings.merge(said.one, said.other, by=said.by, why=said.why))
        return await _shown(self, said.one)


@app.page("/api/v1/event-matches/apart", name="api_event_apart")
class KeepEventsApart(View):
    """Two events that are not one."""

    @described(
        tag="events",
        summary="These two are not one, whatever they look like; no rule merges them again.",
        body=Body(PairRuling),
        answer=EventGroup,
        problems=(HTTPStatus.NOT_FOUND,),
    )
    async def post(self, request: Request) -> Response:
        """Keep them apart; again changes nothing."""
        said = read_fields(await json_of(request), PairRuling)
        await _rule(
            lambda rulings: rulings.keep_apart(said.one, said.other, by=said.by, why=said.why)
        )
        return await _shown(self, said.one)


@app.page("/api/v1/event-matches/split", name="api_event_split")
class SplitEvent(View):
    """An event that is none of its group."""

    @described(
        tag="events",
        summary="Undo: take an event out of its group; no rule puts it back.",
        body=Body(SplitRuling),
        answer=EventGroup,
        problems=(HTTPStatus.NOT_FOUND,),
    )
    async def post(self, request: Request) -> Response:
        """Keep it apart from each other one of its group."""
        said = read_fields(await json_of(request), SplitRuling)
        await _rule(lambda rulings: rulings.split(said.event_id, by=said.by, why=said.why))
        return await _shown(self, said.event_id)


def matches_asked(cursor: Cursor, asked: MatchQuery) -> MatchPage:
    """The pairs that are asked for; a `Problem` where `after` is none of this list."""
    after = None
    if asked.after is not None:
        place = position_of(asked.after, _Place)
        after = Position(place.at, place.one, place.other)
    found = reading.read_matches(
        cursor, asked.state, asked.limit + 1, event_id=asked.event, after=after
    )
    shown = found[: asked.limit]
    following = None
    if len(found) > asked.limit:
        last = shown[-1]
        following = cursor_of((last.decided_at, last.one.event_id, last.other.event_id))
    return MatchPage(shown, following)


async def _rule(say: Callable[[Rulings], None]) -> None:
    services = app.services

    def work(connection: Connection) -> None:
        say(Rulings(connection, aliases=services.matching.aliases, now=services.clock()))

    try:
        await services.database.run(work)
    except (NoSuchEvent, NotGrouped) as error:
        raise Problem(HTTPStatus.NOT_FOUND, f"{_sentence(error)}.") from None
    except Contradicted as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{_sentence(error)}.") from None
    except ValueError as error:
        errors = [("other", str(error))]
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{_sentence(error)}.", errors) from None


def _sentence(error: Exception) -> str:
    text = str(error.args[0])
    return f"{text[0].upper()}{text[1:]}"


async def _shown(view: View, event_id: str) -> Response:
    def read(connection: Connection) -> EventGroup | None:
        with briefly(connection) as cursor:
            members = reading.read_sides(cursor, reading.members_of(cursor, event_id))
            if all(side.name is None for side in members):
                return None
            steps = reading.read_trace(cursor, event_id, MOST_STEPS)
            return EventGroup(event_id, members, steps)

    found = await within_patience(read)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no event {event_id!r}.")
    return view.bytes(encode(found), content_type="application/json")
