"""`/watches`: the pages on which watches are listed, read, made and changed.

They are complete for reading as they come. What changes something goes through `/api/v1`, from the
browser: `static/watches.js`.
"""

from collections.abc import Collection
from typing import NamedTuple

from aiohttp.web import HTTPNotFound
from faust.web import Request, Response, View

from conscope_app import app
from conscope_app.notify.channels import ChannelKind
from conscope_app.store.engine import Connection
from conscope_app.store.watches import definitions
from conscope_app.store.watches.channel_states import ChannelState, channel_states
from conscope_app.store.watches.definitions import Stored
from conscope_app.store.watches.history import describe
from conscope_app.store.watches.stored_episodes import raised_now
from conscope_app.store.watches.told_episodes import Filter, ToldEpisode, list_episodes
from web.away import or_away
from web.bodies import etag
from web.new_watches import begun_definition
from web.templating import render
from web.watch_definition import definition_of, definition_text
from web.watch_words import SUBJECTS_SHOWN, State, Words, in_words, of_what, of_when, state_of

WATCHES_SHOWN = 50
EPISODES_SHOWN = 20


class Listed(NamedTuple):
    """A line of the list."""

    stored: Stored
    names: dict[str, str]  # what people call its events, by their ids
    what: list[str]
    when: list[str]
    state: State
    raised: int


class Choice(NamedTuple):
    """A channel that can be chosen; `kind` is None where the settings do not have it."""

    name: str
    kind: ChannelKind | None
    stands: ChannelState | None


class Kept(NamedTuple):
    """A watch with all that its page shows, as of one moment."""

    stored: Stored
    names: dict[str, str]
    words: list[Words]
    episodes: list[ToldEpisode]
    channels: list[Choice]


@app.page("/watches", name="watches")
@or_away
async def watches(view: View, request: Request) -> Response:
    """The watches in the order of their ids, those behind `after=`."""
    after = request.query.get("after", "")
    found = await app.services.database.run(lambda connection: _listed(connection, after))
    shown = found[:WATCHES_SHOWN]
    following = shown[-1].stored.watch.id if len(found) > len(shown) else None
    return view.html(
        render(
            "watches/list.html",
            watches=shown,
            subjects_shown=SUBJECTS_SHOWN,
            after=after,
            next=following,
        )
    )


@app.page("/watches/new", name="new_watch")
@or_away
async def new_watch(view: View, request: Request) -> Response:
    """A form for a watch that is none yet, with what the query says of it (`web.new_watches`)."""
    begun = begun_definition(request.query)
    channels = await app.services.database.run(lambda connection: _choices(connection, ()))
    return view.html(
        render(
            "watches/watch.html",
            watch=None,
            words=[],
            episodes=[],
            definition=definition_text(begun),
            chosen=("default",),
            channels=channels,
            version_tag="",
        )
    )


@app.page("/watches/{watch_id}", name="watch")
@or_away
async def one_watch(view: View, request: Request, watch_id: str) -> Response:
    """A watch in words, its alerts, and the form that changes it."""
    kept = await app.services.database.run(lambda connection: _kept(connection, watch_id))
    if kept is None:
        raise HTTPNotFound
    stored = kept.stored
    return view.html(
        render(
            "watches/watch.html",
            watch=stored,
            words=kept.words,
            names=kept.names,
            subjects_shown=SUBJECTS_SHOWN,
            state=state_of(stored, app.services.clock()),
            episodes=kept.episodes,
            definition=definition_text(definition_of(stored.watch)),
            chosen=stored.watch.to.channels,
            channels=kept.channels,
            version_tag=etag(stored.watch.version),
        )
    )


def _listed(connection: Connection, after: str) -> list[Listed]:
    """One more than is shown, where there are more."""
    now = app.services.clock()
    found = definitions.list_watches(connection, after=after, limit=WATCHES_SHOWN + 1)
    raised = raised_now(connection, [each.watch.id for each in found])
    names = _names(connection, found)
    return [
        Listed(
            stored=each,
            names=names,
            what=[*of_what(each.watch.what, names)],
            when=[*of_when(each.watch.when)],
            state=state_of(each, now),
            raised=raised.get(each.watch.id, 0),
        )
        for each in found
    ]


def _kept(connection: Connection, watch_id: str) -> Kept | None:
    # First: it settles on one moment for all that is read after it.
    asked = Filter(watch=watch_id, limit=EPISODES_SHOWN)
    episodes = list_episodes(connection, asked, app.services.clock())
    stored = definitions.get(connection, watch_id)
    if stored is None:
        return None
    names = _names(connection, [stored])
    words = in_words(stored.watch, names)
    return Kept(stored, names, words, episodes, _choices(connection, stored.watch.to.channels))


def _names(connection: Connection, found: Collection[Stored]) -> dict[str, str]:
    """What people call the events that are shown."""
    shown = {subject for each in found for subject in each.watch.what.subjects[:SUBJECTS_SHOWN]}
    return {
        subject: event.event_name
        for subject, event in describe(connection, shown).items()
        if event.event_name
    }


def _choices(connection: Connection, named: Collection[str]) -> list[Choice]:
    """The channels of the settings, and those that a watch names besides."""
    kinds = app.services.telling.kinds
    names = [*kinds, *(each for each in named if each not in kinds)]
    states = {each.name: each for each in channel_states(connection, names)}
    return [Choice(name, kinds.get(name), states.get(name)) for name in names]
