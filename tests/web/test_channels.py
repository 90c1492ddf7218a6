"""`/api/v1/channels`: how channels stand, on a real Postgres, and the test button."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Self

import pytest
import pytest_asyncio

from conscope_app import app
from conscope_app.notify.base import Disabled
from conscope_app.store.engine import Database
from tests.notify.channels.hook_stand_in import HookStandIn
from tests.store.ledgers import Tables
from tests.store.watches.telling import Stage, TakesAll
from tests.web.api import ask
from tests.web.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")

TABLES = (
    *("watches", "watch_episodes", "watch_entries", "watch_messages", "watch_spoken"),
    "delivery_targets",
)
SECRET = "a-secret-that-nobody-knows-of"


@pytest_asyncio.fixture(loop_scope="session")
async def stage(site: Site, database_url: str) -> AsyncIterator[Stage]:
    """Nothing waits for anybody."""
    database = Database(database_url)
    with Tables(database_url) as tables:
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")
        site.use_database(database_url)
        yield Stage(database)
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")
    await database.close()


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HookStandIn]:
    """A program that takes messages, the channel `program` of the settings."""
    with HookStandIn() as hook:
        set_to(hook.port, tmp_path, monkeypatch)
        yield hook


class Hanging:
    """A program that says nothing until it may `go` on, and then hangs up."""

    def __init__(self) -> None:
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._hold, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _hold(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.set()
        await self.go.wait()
        writer.close()


def set_to(port: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the settings name a channels file with one channel, the `program` at this port."""
    file = folder / "channels.yaml"
    url = f"http://127.0.0.1:{port}/{SECRET}"
    file.write_text(
        f"channels:\n  program: {{kind: webhook, url: {url!r}, secret: {SECRET}, private: true}}\n"
    )
    changed = app.settings.model_copy(update={"channels_file": file})
    monkeypatch.setattr(app, "settings", changed)


@pytest.mark.postgres
async def test_channels_are_shown_as_they_stand(site: Site, stage: Stage) -> None:
    """What waits, and why; a channel that the settings do not have has no kind."""
    quiet = await ask(site, "GET", "channels")
    await stage.watch(to={"channels": ["default", "gone"]})
    channel = TakesAll()
    channel.fails.append(Disabled("Discord answered 404"))
    await stage.decide(stage.raised())
    await stage.turns(stage.courier(channel))
    default, gone = (await ask(site, "GET", "channels")).body["channels"]

    assert quiet.body == {
        "channels": [
            {
                "name": "default",
                "waiting": 0,
                "waiting_since": None,
                "disabled_at": None,
                "disabled_reason": None,
                "blocked_until": None,
                "kind": "console",
            }
        ]
    }
    assert (default["waiting"], default["disabled_reason"]) == (1, "Discord answered 404")
    assert default["disabled_at"] is not None
    assert (gone["name"], gone["waiting"], gone["kind"]) == ("gone", 1, None)


async def test_the_test_button_sends_one_message(site: Site, hook: HookStandIn) -> None:
    """Of one line, through the channel as the file describes it now."""
    answer = await ask(site, "POST", "channels/program/test")

    assert (answer.status, answer.body["channel"]) == (200, "program")
    (heard,) = hook.heard
    assert "trial of the channel “program”" in heard.body.decode()


async def test_a_message_that_was_not_taken_is_said(site: Site, hook: HookStandIn) -> None:
    """502, with what the channel said and nothing that is secret."""
    hook.then(410)
    refused = await ask(site, "POST", "channels/program/test")
    unknown = await ask(site, "POST", "channels/pigeons/test")

    assert refused.status == 502
    assert refused.body["detail"].startswith("program did not take the message: ")
    assert SECRET not in str(refused.body)
    assert (unknown.status, unknown.body["detail"]) == (
        404,
        "there is no channel 'pigeons'; there is program.",
    )


async def test_a_channels_file_that_was_spoilt_is_said(site: Site, hook: HookStandIn) -> None:
    """503: nobody is told, and the field is named without its value."""
    file = app.settings.channels_file
    assert file is not None
    file.write_text(file.read_text().replace(SECRET, "short"))
    answer = await ask(site, "POST", "channels/program/test")

    assert answer.status == 503
    assert "line 2: program.secret: it must have 16 bytes at least" in answer.body["detail"]
    assert hook.heard == []


async def test_one_channel_is_tried_at_a_time(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who presses the button twice sends one message; afterwards it can be pressed again."""
    async with Hanging() as program:
        set_to(program.port, tmp_path, monkeypatch)
        first = asyncio.ensure_future(ask(site, "POST", "channels/program/test"))
        await program.asked.wait()
        second = await ask(site, "POST", "channels/program/test")
        program.go.set()
        ended = await first
        third = await ask(site, "POST", "channels/program/test")

    assert (second.status, second.headers["Retry-After"]) == (503, "5")
    assert (ended.status, third.status) == (502, 502)
