"""Which page is refreshed when: only what is watched, each in its turn, so many a second."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.web.boards import Board
from web.live_page import LivePage
from web.live_pages import LivePages
from web.patience import Unanswered
from web.rounds import Rounds


@pytest.fixture
async def begin() -> AsyncIterator[Callable[..., Rounds]]:
    """Makes rounds that go fast, and are stopped in the end."""
    made: list[Rounds] = []

    def rounds(**timing: Any) -> Rounds:
        made.append(Rounds(**{"every_s": 0.01, "most_per_s": 1_000, **timing}))
        return made[-1]

    yield rounds
    for each in made:
        await each.close()


def watched(board: Board, name: str = "a page") -> LivePage:
    """A page that somebody watches."""
    page = LivePage(name, board.ask)
    page.watchers = 1
    return page


async def until(holds: Callable[[], bool]) -> None:
    """Return when it holds."""
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 time passes by itself, and nothing tells of it
            await asyncio.sleep(0.001)


async def test_a_page_is_refreshed_while_it_is_watched(begin: Callable[..., Rounds]) -> None:
    """Nobody's page costs nothing; who comes back sets it going again."""
    board, rounds = Board(), begin()
    page = watched(board)
    rounds.add(page)
    await until(lambda: board.asked >= 3)

    page.watchers = 0
    assert rounds._task is not None
    await rounds._task
    asked = board.asked
    page.watchers = 1
    rounds.add(page)

    await until(lambda: board.asked > asked)


async def test_more_pages_than_there_is_time_for_have_their_turns(
    begin: Callable[..., Rounds],
) -> None:
    """No more than so many a second; whoever waited longest is next."""
    order: list[str] = []

    class Noting(Board):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

        async def ask(self):  # type: ignore[no-untyped-def]  # as Board's
            order.append(self.name)
            return await super().ask()

    rounds = begin(most_per_s=500)
    for number in range(50):
        rounds.add(watched(Noting(f"page {number}")))
    began = asyncio.get_running_loop().time()
    await until(lambda: len(order) >= 150)
    took_s = asyncio.get_running_loop().time() - began

    assert Counter(order[:150]) == {f"page {number}": 3 for number in range(50)}
    assert order[:50] == order[50:100] == order[100:150]
    assert took_s > 149 / 500


async def test_what_fails_is_asked_more_rarely(begin: Callable[..., Rounds]) -> None:
    """And holds up none of the others."""
    failing, well = Board(), Board()
    failing.why = Unanswered("away")
    rounds = begin(failed_every_s=60)
    rounds.add(watched(failing))
    rounds.add(watched(well))

    await until(lambda: well.asked >= 5)

    assert failing.asked == 1


async def test_under_pressure_pages_are_asked_more_rarely(begin: Callable[..., Rounds]) -> None:
    """Whoever has records to look at has the time first."""
    pressed, well = Board(), Board()
    begin(is_under_pressure=lambda: True).add(watched(pressed))
    begin().add(watched(well))

    await until(lambda: well.asked >= 5)

    assert pressed.asked == 1


async def test_a_new_page_does_not_wait_for_those_that_rest(begin: Callable[..., Rounds]) -> None:
    """It is due at once."""
    rested, new = Board(), Board()
    rounds = begin(every_s=60)
    rounds.add(watched(rested))
    await until(lambda: rested.asked == 1)

    rounds.add(watched(new))

    await until(lambda: new.asked == 1)


async def test_a_page_that_hangs_holds_up_only_those_that_read(
    begin: Callable[..., Rounds],
) -> None:
    """Pages that read the database go round by themselves, one at a time."""
    hanging, other, quick = Board(), Board(), Board()
    hanging.may_answer.clear()
    pages = LivePages(rounds=begin)
    async with (
        pages.watching("hanging", hanging.ask, reads=True),
        pages.watching("other", other.ask, reads=True),
        pages.watching("quick", quick.ask, reads=False),
    ):
        await until(lambda: quick.asked >= 5)

        assert (hanging.asked, other.asked) == (1, 0)

        hanging.may_answer.set()
        await until(lambda: other.asked >= 1)
    await pages.close()


async def test_all_who_ask_for_a_page_watch_the_same_one(begin: Callable[..., Rounds]) -> None:
    """Who comes back soon finds it as it was; later it is forgotten."""
    board, pages = Board(), LivePages(rounds=begin, kept_s=0.02)
    async with (
        pages.watching("a", board.ask, reads=True) as first,
        pages.watching("a", board.ask, reads=True) as second,
    ):
        assert first is second
        assert first.watchers == 2
        await until(lambda: first.edition is not None)
    async with pages.watching("a", board.ask, reads=True) as again:
        assert again is first

    assert len(pages) == 1
    await until(lambda: len(pages) == 0)
    await pages.close()


async def test_who_goes_through_addresses_does_not_fill_the_memory(
    begin: Callable[..., Rounds],
) -> None:
    """Of the pages that nobody watches only the newest are kept."""
    board, pages = Board(), LivePages(rounds=begin, kept_unwatched=3)
    for number in range(100):
        async with pages.watching(number, board.ask, reads=True):
            pass

    assert len(pages) == 3
    await pages.close()
    assert len(pages) == 3
