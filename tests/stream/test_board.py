"""What is watched, as every worker that forwards prices knows it."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.board import Board, Entries, Posted, encode_posted
from conscope_app.stream.sender import Sender

IDS = st.sampled_from(["v", "w", "x"])
SUBJECTS = st.lists(st.sampled_from("abc"), max_size=3).map(tuple)
POSTS = st.lists(st.tuples(IDS, st.none() | SUBJECTS))


@given(POSTS)
def test_entries_concern_what_those_that_are_left_are_about(
    posts: list[tuple[str, tuple[str, ...] | None]],
) -> None:
    """Whatever was posted and taken off before, a subject named twice among it."""
    entries, left = Entries(), dict[str, tuple[str, ...]]()
    for watch_id, subjects in posts:
        entries.post(watch_id, None if subjects is None else Posted(1, subjects))
        left.pop(watch_id, None)
        if subjects is not None:
            left[watch_id] = subjects

    assert bool(entries) == bool(left)
    for subject in "abcd":
        expected = any(not about or subject in about for about in left.values())
        assert entries.concerns(subject) == expected


async def post(sender: Sender, topic: str, watch_id: str, *subjects: str) -> None:
    await sender.send(topic, 0, [(watch_id.encode(), encode_posted(Posted(1, subjects)), ())])


async def until_read(board: Board, offset: int) -> None:
    async with asyncio.timeout(30):
        while board.read_to < offset:  # noqa: ASYNC110 it tells nobody when it has read
            await asyncio.sleep(0.01)


@pytest.mark.broker
async def test_a_board_knows_what_was_there_and_follows(
    brokers: Brokers, topic: str, sender: Sender
) -> None:
    """Nothing is left out from the moment in which it is known."""
    await post(sender, topic, "w", "a", "b")
    await post(sender, topic, "v", "b")
    board = Board(brokers, topic)
    async with board:
        async with asyncio.timeout(30):
            await board.until_known()
        assert [board.concerns(subject) for subject in "abc"] == [True, True, False]
        changes = board.changes

        await sender.send(topic, 0, [(b"w", None, ())])
        await until_read(board, 3)
        assert [board.concerns(subject) for subject in "abc"] == [False, True, False]
        assert board.changes > changes

        await sender.send(topic, 0, [(b"x", b"of a later version", ())])
        await until_read(board, 4)
        assert board.concerns("c")


@pytest.mark.broker
async def test_an_empty_board_is_known_too(brokers: Brokers, topic: str) -> None:
    board = Board(brokers, topic)
    async with board, asyncio.timeout(30):
        await board.until_known()

    assert not board
