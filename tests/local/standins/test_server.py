"""The stand-ins over real HTTP: what only a socket can show, and the command that starts them."""

import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from conscope_app.local.standins.server import REPORT, serving
from conscope_app.local.standins.standin import KEY, StandIns
from conscope_app.sources.adapter import Answer
from tests.local.standins.asking import ADAPTERS, OPENED, a_market

ROOT = Path(__file__).parents[3]
each_vendor = pytest.mark.parametrize("vendor", ADAPTERS)


class Browser:
    """An HTTP client that asks what an adapter asks."""

    def __init__(self, standins: StandIns, session: aiohttp.ClientSession, url: str) -> None:
        self.standins = standins
        self.session = session
        self.url = url

    async def ask(self, vendor: str, **headers: str) -> Answer:
        adapter = ADAPTERS[vendor]
        request = adapter.signed(adapter.catalogue(OPENED, OPENED.replace(year=2028)), KEY)
        async with self.session.get(
            self.url + request.path, params=list(request.query), headers=headers
        ) as response:
            body = await response.read()
            names = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, names, body, OPENED)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    standins = StandIns(a_market(events=60))
    async with (
        serving(standins, clock=lambda: OPENED) as url,
        aiohttp.ClientSession() as session,
    ):
        yield Browser(standins, session, url)


@each_vendor
async def test_a_vendor_answers_over_http(browser: Browser, vendor: str) -> None:
    answer = await browser.ask(vendor)
    adapter = ADAPTERS[vendor]
    reading = adapter.read(adapter.catalogue(OPENED, OPENED), answer)

    assert answer.status == 200
    assert len(reading.markets) > 10
    assert (adapter.allowance(answer) is not None) == (vendor == "ticketmaster")


@each_vendor
async def test_a_tag_spares_the_body(browser: Browser, vendor: str) -> None:
    tag = (await browser.ask(vendor)).headers["etag"]
    again = await browser.ask(vendor, **{"If-None-Match": tag})

    assert (again.status, again.body) == (304, b"")


@each_vendor
async def test_half_a_body_is_an_error_of_the_connection(browser: Browser, vendor: str) -> None:
    browser.standins.by_name[vendor].misbehaviour.then("half")

    with pytest.raises(aiohttp.ClientPayloadError):
        await browser.ask(vendor)
    assert (await browser.ask(vendor)).status == 200


@each_vendor
async def test_silence_lasts_longer_than_a_client_waits(browser: Browser, vendor: str) -> None:
    """It goes on while others are answered, and the server stops without waiting for its end."""
    browser.standins.by_name[vendor].misbehaviour.then("silence")
    adapter = ADAPTERS[vendor]
    signed = adapter.signed(adapter.events(["1"]), KEY)

    with pytest.raises(TimeoutError):
        await browser.session.get(
            browser.url + signed.path,
            params=list(signed.query),
            timeout=aiohttp.ClientTimeout(total=0.1),
        )
    assert (await browser.ask(vendor)).status == 200


@each_vendor
async def test_errors_are_answered_as_such(browser: Browser, vendor: str) -> None:
    browser.standins.by_name[vendor].misbehaviour.then("error", "busy", "page")
    answers = [await browser.ask(vendor) for _ in range(3)]

    assert [answer.status for answer in answers] == [500, 429, 200]
    assert answers[1].headers["retry-after"] == "5"
    assert answers[2].body.startswith(b"<!DOCTYPE html>")


async def test_the_report_is_there_to_be_asked_for(browser: Browser) -> None:
    await browser.ask("seatgeek")
    async with browser.session.get(browser.url + "/elsewhere") as response:
        assert response.status == 404
    async with browser.session.get(browser.url + REPORT) as response:
        report = await response.json()

    assert report["seatgeek"]["asked"] == 2
    assert report["seatgeek"]["invalid"] == 1
    assert report["ticketmaster"]["asked"] == 0


def started(*options: str) -> "subprocess.Popen[bytes]":
    """The command, as a person starts it."""
    command = [sys.executable, "-m", "conscope_app.local.standins", "--events", "30", *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_the_command_serves_until_it_is_interrupted() -> None:
    """A second one on the same port says in a line that it cannot."""
    with started("--seed", "5", "--misbehave") as process:
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        try:
            assert url.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(url + REPORT) as response:
                assert b'"ticketmaster"' in response.read()
            with started("--port", url.rpartition(":")[2]) as second:
                _, said = second.communicate(timeout=60)
        finally:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)

    assert process.returncode == 0
    assert second.returncode == 1
    assert said.decode().startswith("Nothing can be served on port ")
    assert said.count(b"\n") == 1
