"""`/api/v1/episodes`: what watches have found, how each channel was told of it, and who knows."""

from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated

import msgspec
from faust.web import Request, Response, View
from msgspec import Meta

from conscope_app import app
from conscope_app.store.watches import told_episodes
from conscope_app.store.watches.acknowledging import acknowledge
from conscope_app.store.watches.episode_search import Reached, Status
from conscope_app.store.watches.told_episodes import NoSuchEpisode, ToldEpisode
from web.alerts_query import AlertsQuery, episodes_asked
from web.away import within_patience
from web.bodies import number_of
from web.openapi.declaration import described
from web.problems import Problem
from web.schema import encode

DEFAULT_LIMIT, MAX_LIMIT = 50, 500
_PATH = {"episode": "The episode's id."}


class EpisodeQuery(AlertsQuery, frozen=True):
    """Which episodes; what is left out takes them all."""

    watch: Annotated[str | None, Meta(description="Only those of this watch.")] = None
    subject: Annotated[str | None, Meta(description="Only those about this subject.")] = None
    status: Annotated[Status | None, Meta(description="Only those that are so.")] = None
    told: Annotated[Reached | None, Meta(description="Only those that were told so.")] = None
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


class EpisodePage(msgspec.Struct, frozen=True):
    """Some episodes, the newest first; `next` goes on behind them (`after=`), if not null.

    With `searched_to` the page may hold less than was asked for: nothing else was found until
    there, and `next` looks on. `is_cut`: so many events fit that not all were looked at.
    """

    episodes: list[ToldEpisode]
    next: str | None
    searched_to: datetime | None
    is_cut: bool


@app.page("/api/v1/episodes", name="api_episodes")
class Episodes(View):
    """All episodes, or those that fit what is asked for (`web.alerts_query.episodes_asked`)."""

    @described(
        tag="watches",
        summary="What watches have found, the newest first, and how each channel was told of it.",
        query=EpisodeQuery,
        answer=EpisodePage,
    )
    async def get(self, request: Request) -> Response:
        """A page of episodes."""
        limit = number_of(request, "limit", DEFAULT_LIMIT, MAX_LIMIT)
        asked = episodes_asked(request.query, limit)
        read = partial(told_episodes.find_episodes, asked=asked, now=app.services.clock())
        try:
            found = await within_patience(read)
        except NoSuchEpisode as error:
            detail = f"after is the `next` of a page: {error}."
            raise Problem(HTTPStatus.BAD_REQUEST, detail, [("after", detail)]) from None
        page = EpisodePage(found.episodes, found.next, found.searched_to, found.is_cut)
        return self.bytes(encode(page), content_type="application/json")


@app.page("/api/v1/episodes/{episode}", name="api_episode")
class OneEpisode(View):
    """One episode by its id."""

    @described(tag="watches", summary="One episode as it is now.", path=_PATH, answer=ToldEpisode)
    async def get(self, request: Request, episode: str) -> Response:
        """The episode as it is now."""
        return await _shown(self, episode)


@app.page("/api/v1/episodes/{episode}/acknowledge", name="api_acknowledge")
class Acknowledge(View):
    """An episode that somebody knows of."""

    @described(
        tag="watches",
        summary="Somebody knows of it: nothing more is said of it, anywhere.",
        path=_PATH,
        answer=ToldEpisode,
    )
    async def post(self, request: Request, episode: str) -> Response:
        """Say nothing more of it, anywhere; again changes nothing."""
        await app.services.database.run(partial(acknowledge, episode=episode))
        return await _shown(self, episode)


async def _shown(view: View, episode: str) -> Response:
    read = partial(told_episodes.get_episode, episode=episode, now=app.services.clock())
    found = await app.services.database.run(read)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no episode {episode!r}.")
    return view.bytes(encode(found), content_type="application/json")
