"""`/alerts`: what watches have found and told, and one of it with all that became of it.

The pages are complete for reading as they come. What changes something goes through `/api/v1`, from
the browser: `static/alerts.js`.
"""

from collections.abc import Collection, Mapping
from functools import partial
from http import HTTPStatus
from typing import NamedTuple

from aiohttp.web import HTTPNotFound
from faust.web import Request, Response, View

from conscope_app import app
from conscope_app.alerting.watches.entries import Entry
from conscope_app.alerting.watches.silences import Silence
from conscope_app.alerting.watches.watch import Watch
from conscope_app.domains.tickets.watched import SPELLINGS
from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Connection
from conscope_app.store.watches import definitions
from conscope_app.store.watches.channel_states import ChannelState, channel_states
from conscope_app.store.watches.episode_search import Filter
from conscope_app.store.watches.history import Described, describe
from conscope_app.store.watches.silences import list_silences
from conscope_app.store.watches.told_episodes import (
    EpisodePage,
    NoSuchEpisode,
    ToldEpisode,
    find_episodes,
    get_episode,
)
from web.alerts_page import further, problems_of, read, show
from web.alerts_query import episodes_asked
from web.alerts_timeline import of_episode
from web.away import or_away
from web.problems import Problem

SHOWN = 50


class Found(NamedTuple):
    """A page of what watches have found, with what else it shows, as of one moment."""

    page: EpisodePage
    events: Mapping[str, Described]
    channels: list[ChannelState]
    silences: int


class One(NamedTuple):
    """What a watch has found, with what else its page shows."""

    told: ToldEpisode
    watch: Watch | None
    events: Mapping[str, Described]
    channels: list[ChannelState]
    silences: list[Silence]


@app.page("/alerts", name="alerts")
@or_away
async def alerts(view: View, request: Request) -> Response:
    """The newest first, by what the address asks for."""
    found, problems = None, {}
    try:
        asked = episodes_asked(request.query, SHOWN)
        found = await read(partial(_found, asked=asked))
    except NoSuchEpisode:
        problems = {"after": "The address goes on behind an alert that is not there."}
    except Problem as problem:
        problems = problems_of(problem)
    status = HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
    following = None if found is None else found.page.next
    html = show(
        "alerts/found.html",
        asked=request.query,
        problems=problems,
        found=found,
        switched_off=switched_off(found.channels if found else ()),
        further=further("/alerts", request.query, following),
    )
    return view.html(html, status=status.value)


@app.page("/alerts/{episode}", name="alert")
@or_away
async def one_alert(view: View, request: Request, episode: str) -> Response:
    """What a watch has found, moment by moment, and what can be done about it."""
    one = await read(partial(_one, episode=episode))
    if one is None:
        raise HTTPNotFound
    html = show(
        "alerts/episode.html",
        one=one,
        told=one.told,
        switched_off=switched_off(one.channels),
        timeline=of_episode(one.told),
    )
    return view.html(html)


def switched_off(channels: Collection[ChannelState]) -> dict[str, str]:
    """The channels that are not told any more, and why."""
    return {
        each.name: each.disabled_reason or "no reason was kept"
        for each in channels
        if each.disabled_at is not None
    }


def _found(connection: Connection, asked: Filter) -> Found:
    now = app.services.clock()
    # First: it settles on one moment for all that is read after it.
    page = find_episodes(connection, asked, now)
    return Found(
        page=page,
        events=describe(connection, {each.subject for each in page.episodes}),
        channels=_channels(connection, page.episodes),
        silences=len(list_silences(connection, now)),
    )


def _one(connection: Connection, episode: str) -> One | None:
    now = app.services.clock()
    with briefly(connection):
        told = get_episode(connection, episode, now)
        if told is None:
            return None
        stored = definitions.get(connection, told.watch_id)
        return One(
            told=told,
            watch=None if stored is None else stored.watch,
            events=describe(connection, [told.subject]),
            channels=_channels(connection, [told]),
            silences=[each for each in list_silences(connection, now) if _fits(each, told)],
        )


def _fits(silence: Silence, told: ToldEpisode) -> bool:
    """Whether a silence is about what was found."""
    entry = Entry(
        told.episode,
        told.watch_id,
        told.subject,
        tuple(told.items),
        told.labels,
        told.currency,
        told.basis,
        told.raised_at,
        told.raised_price,
        told.price,
        told.reason,
        told.decided_at,
    )
    return silence.fits(entry, SPELLINGS)


def _channels(connection: Connection, told: Collection[ToldEpisode]) -> list[ChannelState]:
    """Those of the settings, and those that these were queued for."""
    kinds = app.services.telling.kinds
    others = sorted({at.channel for each in told for at in each.channels} - kinds.keys())
    return channel_states(connection, [*kinds, *others])
