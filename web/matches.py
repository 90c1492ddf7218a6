"""`/matches`: events of several sources that are one, or may be, beside each other.

It is complete for reading as it comes. What a person says goes through `/api/v1`, from the browser:
`static/matches.js`.
"""

from functools import partial
from typing import NamedTuple

from aiohttp.web import HTTPBadRequest
from faust.web import Request, Response, View

from conscope_app import app
from conscope_app.domains.tickets.matching.decisions import Reason
from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Connection
from conscope_app.store.matches.reading import MOST_COUNTED, count_matches
from conscope_app.store.matches.rulings import PERSON
from web.alerts_page import further, read
from web.api.event_matches import MatchPage, MatchQuery, matches_asked
from web.away import or_away
from web.problems import Problem
from web.queries import query_of
from web.templating import render

# Why a pair is what it is, as a person would say it.
WORDS = {
    Reason.CERTAIN: "same start, venue and name",
    Reason.ONLY_SHOW_THAT_DAY: "same day, venue and name; the only show, its time is not known",
    Reason.MARKER: "one names what the other does not",
    Reason.SAME_SOURCE: "one source sells both",
    Reason.STATUS: "one was called off or put off",
    Reason.NEAR_START: "they start within an hour of each other",
    Reason.TIME_UNKNOWN: "a time is not known, and there are several shows that day",
    Reason.ZONE_UNKNOWN: "a time is in UTC, and the venue's zone is not known",
    Reason.VENUE_NEAR: "the venue may be another one",
    Reason.NAME_NEAR: "the names are only alike",
    Reason.GROUP: "their groups have events that are apart",
    PERSON: "a person said so",
}


class Found(NamedTuple):
    """A page of pairs, and how many there are of each kind."""

    page: MatchPage
    counts: dict[str, int]


@app.page("/matches", name="matches")
@or_away
async def matches(view: View, request: Request) -> Response:
    """Those that wait for a person, what is merged, or what is kept apart."""
    try:
        asked = query_of(request, MatchQuery)
        found = await read(partial(_found, asked=asked))
    except Problem as problem:
        raise HTTPBadRequest(text=problem.detail) from None
    html = render(
        "matches/page.html",
        asked=asked,
        found=found,
        words=WORDS,
        most_counted=MOST_COUNTED,
        further=further("/matches", request.query, found.page.next),
    )
    return view.html(html)


def _found(connection: Connection, asked: MatchQuery) -> Found:
    with briefly(connection) as cursor:
        return Found(matches_asked(cursor, asked), count_matches(cursor))
