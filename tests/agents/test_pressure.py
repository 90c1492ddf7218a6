"""Which agents of a worker let which others go first."""

from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition

from conscope_app import app
from conscope_app.application import PRESSING, URGENT
from conscope_app.stream.board import Entries, Posted
from conscope_app.stream.feed import Feed

app.discover()


def is_behind(monkeypatch: pytest.MonkeyPatch, agent: str, records: int = PRESSING + 1) -> None:
    """Have so many records wait for an agent."""
    feed = app.feeds[agent]
    reader = SimpleNamespace(position=0)
    monkeypatch.setattr(feed, "readers", {TopicPartition("any", 0): reader})
    monkeypatch.setattr(feed, "ends", {0: records})


def somebody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have one watch on the board."""
    entries = Entries()
    entries.post("w", Posted(version=1, subjects=("e",)))
    monkeypatch.setattr(app.services.board, "_entries", entries)


def give_way() -> set[str]:
    """The agents that would wait now."""
    return {agent for agent, feed in app.feeds.items() if _wants_to_wait(feed)}


def _wants_to_wait(feed: Feed) -> bool:
    return feed._giving_way._is_urgent()


def rest_longer() -> set[str]:
    return {agent for agent, feed in app.feeds.items() if feed._is_another_behind()}


@pytest.mark.parametrize("agent", ["track_prices", "watch_prices"])
def test_history_gives_way_to_what_people_asked_to_hear(
    monkeypatch: pytest.MonkeyPatch, agent: str
) -> None:
    somebody_watches(monkeypatch)
    assert give_way() == set()
    is_behind(monkeypatch, agent, URGENT)
    assert give_way() == set()
    is_behind(monkeypatch, agent, URGENT + 1)
    assert give_way() == {"store_prices", "store_markets"}


def test_where_nobody_watches_a_backlog_is_worked_off_by_all_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_behind(monkeypatch, "track_prices")
    assert give_way() == set()


def test_feeds_rest_longer_for_another_and_never_for_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert rest_longer() == set()
    is_behind(monkeypatch, "track_prices", PRESSING)
    assert rest_longer() == set()
    is_behind(monkeypatch, "track_prices")
    assert rest_longer() == app.feeds.keys() - {"track_prices"}
    is_behind(monkeypatch, "watch_prices")
    assert rest_longer() == app.feeds.keys() - {"track_prices", "watch_prices"}
