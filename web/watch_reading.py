"""What the pages of watches read, each as of one moment."""

from collections.abc import Collection
from typing import NamedTuple

from conscope_app import app
from conscope_app.notify.channels import ChannelKind
from conscope_app.store.engine import Connection
from conscope_app.store.watches import definitions
from conscope_app.store.watches.channel_states import ChannelState, channel_states
from conscope_app.store.watches.definitions import Stored
from conscope_app.store.watches.history import describe
from conscope_app.store.watches.stored_episodes import raised_now
from conscope_app.store.watches.told_episodes import Filter, ToldEpisode, list_episodes
from web.watch_words import SUBJECTS_SHOWN, State, Words, in_words, of_what, of_when, state_of

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


def read_list(connection: Connection, after: str, limit: int) -> list[Listed]:
    """The watches behind one in the order of their ids, so many at most, as of one moment."""
    now = app.services.clock()
    found = definitions.list_watches(connection, after=after, limit=limit)
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


def read_watch(connection: Connection, watch_id: str) -> Kept | None:
    """All that the page of a watch shows; None where there is none."""
    # First: it settles on one moment for all that is read after it.
    asked = Filter(watch=watch_id, limit=EPISODES_SHOWN)
    episodes = list_episodes(connection, asked, app.services.clock())
    stored = definitions.get(connection, watch_id)
    if stored is None:
        return None
    names = _names(connection, [stored])
    words = in_words(stored.watch, names)
    return Kept(stored, names, words, episodes, choices(connection, stored.watch.to.channels))


def _names(connection: Connection, found: Collection[Stored]) -> dict[str, str]:
    """What people call the events that are shown."""
    shown = {subject for each in found for subject in each.watch.what.subjects[:SUBJECTS_SHOWN]}
    return {
        subject: event.event_name
        for subject, event in describe(connection, shown).items()
        if event.event_name
    }


def choices(connection: Connection, named: Collection[str]) -> list[Choice]:
    """The channels of the settings, and those that a watch names besides."""
    kinds = app.services.telling.kinds
    names = [*kinds, *(each for each in named if each not in kinds)]
    states = {each.name: each for each in channel_states(connection, names)}
    return [Choice(name, kinds.get(name), states.get(name)) for name in names]
