"""One page for many: put together once, sent as it is or as what has changed."""

import asyncio
import json
import logging
from typing import Any

import psycopg2
import pytest
from aiohttp.web import HTTPNotFound

from tests.web.boards import Board
from web.live_page import LivePage
from web.patience import Unanswered


def panels(sent: bytes) -> Any:
    """What an event puts in place."""
    (data,) = [line for line in sent.splitlines() if line.startswith(b"data: ")]
    return json.loads(data.removeprefix(b"data: "))["panels"]


async def edition_of(page: LivePage) -> str:
    """The id of what the page shows after one more refresh."""
    await page.refresh()
    assert page.edition is not None
    return page.edition.id


async def test_five_hundred_are_told_by_one_rendering() -> None:
    """The page is put together once a turn, and everybody is handed the very same bytes."""
    board = Board()
    page = LivePage("a page", board.ask)
    seen = await edition_of(page)
    waiting = [asyncio.create_task(page.changed(10)) for _ in range(500)]
    await asyncio.sleep(0)

    board.panels = {"text": "second"}
    await page.refresh()

    assert await asyncio.gather(*waiting) == [True] * 500
    assert board.asked == 2
    assert page.edition is not None
    assert len({id(page.edition.since(seen)) for _ in range(500)}) == 1


async def test_who_is_at_the_last_state_is_told_what_changed() -> None:
    """All others are told everything: who missed one, who is new, who knew another process."""
    board = Board(left="1", right="1")
    page = LivePage("a page", board.ask)
    first = await edition_of(page)
    board.panels = {"left": "1", "right": "2"}
    second = await edition_of(page)
    board.panels = {"left": "3", "right": "2"}
    await page.refresh()

    assert page.edition is not None
    assert panels(page.edition.since(second)) == {"left": "3"}
    for other in (first, "", "of another process"):
        assert panels(page.edition.since(other)) == {"left": "3", "right": "2"}


async def test_a_panel_that_is_gone_is_emptied() -> None:
    """Nothing stays on the page that the page does not have any more."""
    board = Board(left="1", right="1")
    page = LivePage("a page", board.ask)
    seen = await edition_of(page)
    board.panels = {"left": "1"}
    await page.refresh()

    assert page.edition is not None
    assert panels(page.edition.since(seen)) == {"right": ""}


async def test_the_same_content_is_the_same_state_in_any_process() -> None:
    """An id stands for the content, so a restart alone is no news."""
    assert await edition_of(LivePage("a page", Board(text="as it was").ask)) == await edition_of(
        LivePage("a page", Board(text="as it was").ask)
    )


async def test_what_did_not_change_wakes_nobody() -> None:
    """The page is as new as it can be; there is nothing to say."""
    page = LivePage("a page", Board().ask)
    await page.refresh()
    before = page.edition
    waiting = asyncio.create_task(page.changed(0.01))
    await asyncio.sleep(0)

    await page.refresh()

    assert not await waiting
    assert page.edition is before


@pytest.mark.parametrize(
    "why",
    [
        pytest.param(Unanswered("127.0.0.1 does not answer"), id="no answer"),
        pytest.param(psycopg2.OperationalError("connection refused"), id="database away"),
        pytest.param(ZeroDivisionError("a defect"), id="defect"),
    ],
)
async def test_a_page_that_cannot_be_read_grows_old(
    why: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """What was read last stands, a ping says how old it is, and the log says once what is wrong."""
    board, now = Board(), 100.0
    page = LivePage("a page", board.ask, monotonic=lambda: now)
    await page.refresh()
    before = page.edition

    board.why = why
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            now += 5
            await page.refresh()

    assert (page.failing, page.edition) == (True, before)
    assert b'"age_s":15.0' in page.ping()
    assert len(caplog.records) == 1
    assert str(why) in caplog.text

    board.why = None
    await page.refresh()
    assert not page.failing
    assert b'"age_s":0.0' in page.ping()


async def test_a_page_that_hangs_is_given_up() -> None:
    """And asked again later; the ping of a page that was never read knows no age."""
    board = Board()
    board.may_answer.clear()
    page = LivePage("a page", board.ask, patience_s=0.01)

    await page.refresh()

    assert page.failing
    assert b'data: {"as_of":null,"age_s":null}' in page.ping()


async def test_a_page_that_is_not_there_is_gone_until_it_is() -> None:
    """Those who wait are woken for it."""
    board = Board()
    board.why = HTTPNotFound()
    page = LivePage("a page", board.ask)
    waiting = asyncio.create_task(page.changed(10))
    await asyncio.sleep(0)

    await page.refresh()
    assert await waiting
    assert page.gone

    board.why = None
    await page.refresh()
    assert not page.gone
