"""Hostile texts in every field, through real Kafka and a real worker to everybody who reads them.

One worker and one pair of records serve all readers: the log, the API, Postgres, Discord, a real
browser and the commands' output.
"""

import json
import re
import shutil
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.broker.conftest import kafka, pipeline
from tests.broker.pipeline import Pipeline, Worker, eventually
from tests.browser.chromium import ARGUMENTS, MISSING
from tests.discord_stand_in import TOKEN as WEBHOOK_TOKEN
from tests.security.canaries import WEB_TOKEN, found_in
from tests.security.exchange import ask
from tests.security.hostile import HOSTILE, TERMINAL, TEXTS, a_hostile_price
from tests.security.sending import send

__all__ = ["kafka", "pipeline"]

pytestmark = [pytest.mark.broker, pytest.mark.postgres, pytest.mark.browser]

ENCODER = msgspec.json.Encoder(decimal_format="number")
EVENT_NAME = f"event_name {HOSTILE}"


def test_hostile_texts_are_text_everywhere(pipeline: Pipeline) -> None:
    """Nobody is called, nothing runs, nothing is dropped, no line is forged, no secret is told."""
    worker = pipeline.worker(
        "w1", CONSCOPE_WEB_TOKEN=WEB_TOKEN, CONSCOPE_WEB_HOST="0.0.0.0", CONSCOPE_LOG_LEVEL="debug"
    ).start()
    eventually(lambda: _status(worker) == 200, what="ready")
    _send_everything(pipeline)
    eventually(lambda: pipeline.discord.messages, what="a message to Discord")
    eventually(lambda: len(_letters(pipeline)) == 2, what="the dead letters")

    _postgres_holds_them_as_they_came(pipeline)
    _the_api_says_them_as_they_came(worker)
    _discord_is_told_text(pipeline)
    _the_browser_shows_text(worker)
    _commands_print_text(pipeline)
    assert worker.stop() == 0
    _the_log_is_lines(worker)


def _status(worker: Worker) -> int:
    assert worker.process.poll() is None, worker.log
    try:
        return ask(worker.port, "/health/ready", token=WEB_TOKEN).status
    except OSError:
        return 0


def _send_everything(pipeline: Pipeline) -> None:
    """A drop of a hostile price, and two records that only dead letters take."""
    ours = [("\x1b[2J" + HOSTILE, TERMINAL.encode())]
    prices = [ENCODER.encode(a_hostile_price(price=Decimal(price))) for price in (100, 50)]
    control = ENCODER.encode(a_hostile_price(venue=TERMINAL))
    send(
        pipeline,
        [
            (b"k", prices[0], ours),
            (b"k", prices[1], ours),
            (TERMINAL.encode(), control, ours),
            (TERMINAL.encode(), TERMINAL.encode(), ours),
        ],
    )


def _postgres_holds_them_as_they_came(pipeline: Pipeline) -> None:
    names = ", ".join(f'"{name}"' for name in TEXTS if not name.startswith("event_"))
    row = pipeline.query(f"SELECT {names} FROM price_drop_alerts")

    assert row == [tuple(f"{n} {HOSTILE}" for n in TEXTS if not n.startswith("event_"))]
    assert pipeline.query("SELECT event_name FROM events") == [(EVENT_NAME,)]
    assert pipeline.count("price_history") == 2


def _the_api_says_them_as_they_came(worker: Worker) -> None:
    answer = ask(worker.port, "/api/v1/alerts", token=WEB_TOKEN)

    assert answer.headers.get_content_type() == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    (alert,) = json.loads(answer.body)["alerts"]
    assert {alert[name] for name in ("event_name", "venue", "seat")} == {
        f"{name} {HOSTILE}" for name in ("event_name", "venue", "seat")
    }
    for target in ("/", "/live", "/live?page=overview", "/api/v1/stats", "/health/ready"):
        _has_no_secret(ask(worker.port, target, token=WEB_TOKEN).whole, pipeline=None)


def _discord_is_told_text(pipeline: Pipeline) -> None:
    (message,) = pipeline.discord.messages
    (embed,) = message["embeds"]
    texts = list(_texts(embed))

    assert message["allowed_mentions"] == {"parse": []}
    assert "content" not in message
    assert "url" not in embed
    assert any("everyone" in text for text in texts)
    for text in texts:
        assert "@everyone" not in text
        assert "@here" not in text
        assert not re.search(r"<@[!&0-9]", text)
        assert "://" not in text
        assert not re.search(r"(?<!\\)[\[\]()<>`|~_]", text), text
        assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text)


def _texts(embed: dict[str, Any]) -> list[str]:
    """Every text of an embed that names from outside are part of."""
    fields = [field["value"] for field in embed["fields"] if "Drop" not in field["name"]]
    return [embed["description"], *fields]


def _the_browser_shows_text(worker: Worker) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip(MISSING)
    origin = f"http://127.0.0.1:{worker.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        context = browser.new_context(http_credentials={"username": "x", "password": WEB_TOKEN})
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda asked: _stays_at(asked.url, origin, complaints))
        page.goto(origin)
        expect(page.get_by_role("status")).to_have_text("Live")
        _the_page_shows_text(page)
        assert complaints == []
        assert context.cookies() == []
        browser.close()


def _stays_at(url: str, origin: str, complaints: list[str]) -> None:
    if not url.startswith(f"{origin}/"):
        complaints.append(f"asked for {url}")


def _the_page_shows_text(page: Page) -> None:
    drops = page.locator("[data-panel=drops]")
    expect(drops).to_contain_text("event_name <img src=x onerror=alert(1)><script>alert(2)")
    expect(drops).to_contain_text(r"DROP TABLE price_history")
    expect(drops).to_contain_text(r"\x9b31m\x85\u2028\u202e")
    expect(page.locator("main img, main script, iframe, [onerror]")).to_have_count(0)
    expect(page.locator("a[href^=javascript]")).to_have_count(0)
    assert not re.search("[\x80-\x9f\u2028\u202e]", page.content())


def _letters(pipeline: Pipeline) -> list[dict[str, Any]]:
    listed = pipeline.run("dead-letters", "list", "--json")
    assert listed.stdout.replace("\n", "").isprintable()
    return [json.loads(line) for line in listed.stdout.splitlines()]


def _commands_print_text(pipeline: Pipeline) -> None:
    """Orders that reached a topic or a table do not reach the terminal."""
    for arguments in (
        ("dead-letters", "list"),
        ("dead-letters", "replay", "--all", "--dry-run"),
        ("audit", "--wait", "60s"),
    ):
        done = pipeline.run(*arguments, expect=None)
        said = done.stdout + done.stderr
        assert said.replace("\n", "").isprintable(), said
        _has_no_secret(said, pipeline=pipeline)


def _the_log_is_lines(worker: Worker) -> None:
    forged = [line for line in worker.log.split("\n") if "CRITICAL root: forged" in line]

    assert worker.log.replace("\n", "").isprintable()
    assert not [line for line in forged if line.startswith("2026-01-01")]
    _has_no_secret(worker.log, pipeline=None)


def _has_no_secret(text: str, *, pipeline: Pipeline | None) -> None:
    assert found_in(text) == []
    assert WEBHOOK_TOKEN not in text
    if pipeline is not None:
        assert pipeline.database_url.split(":")[2].partition("@")[0] not in text
