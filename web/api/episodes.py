"""`/api/v1/episodes`: what watches have found, how each channel was told of it, and who knows."""

from functools import partial
from http import HTTPStatus

import msgspec
from faust.web import Request, Response, View

from conscope_app import app
from conscope_app.store.watches import told_episodes
from conscope_app.store.watches.acknowledging import acknowledge
from conscope_app.store.watches.told_episodes import Filter, NoSuchEpisode, Status, ToldEpisode
from web.bodies import number_of
from web.problems import Problem, answered
from web.schema import encode

DEFAULT_LIMIT, MAX_LIMIT = 50, 500


class EpisodePage(msgspec.Struct, frozen=True):
    """Some episodes, the newest first; `next` goes on behind them (`after=`), if not null."""

    episodes: list[ToldEpisode]
    next: str | None


@app.page("/api/v1/episodes", name="api_episodes")
class Episodes(View):
    """All episodes, or those of a `watch=`, of a `subject=`, with a `status=` (raised, over)."""

    @answered
    async def get(self, request: Request) -> Response:
        """A page of episodes."""
        asked = Filter(
            watch=request.query.get("watch"),
            subject=request.query.get("subject"),
            status=_status_of(request),
            after=request.query.get("after"),
            limit=number_of(request, "limit", DEFAULT_LIMIT, MAX_LIMIT),
        )
        read = partial(told_episodes.list_episodes, asked=asked, now=app.services.clock())
        try:
            found = await app.services.database.run(read)
        except NoSuchEpisode as error:
            detail = f"after is the `next` of a page: {error}."
            raise Problem(HTTPStatus.BAD_REQUEST, detail, [("after", detail)]) from None
        following = found[-1].episode if len(found) == asked.limit else None
        return self.bytes(encode(EpisodePage(found, following)), content_type="application/json")


@app.page("/api/v1/episodes/{episode}", name="api_episode")
class OneEpisode(View):
    """One episode by its id."""

    @answered
    async def get(self, request: Request, episode: str) -> Response:
        """The episode as it is now."""
        return await _shown(self, episode)


@app.page("/api/v1/episodes/{episode}/acknowledge", name="api_acknowledge")
class Acknowledge(View):
    """An episode that somebody knows of."""

    @answered
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


def _status_of(request: Request) -> Status | None:
    try:
        status: Status | None = msgspec.convert(request.query.get("status"), Status | None)
    except msgspec.ValidationError:
        detail = "status is raised or over."
        raise Problem(HTTPStatus.BAD_REQUEST, detail, [("status", detail)]) from None
    return status
