"""What is logged is one line an event, shows what was said, and holds no secret."""

import logging
import logging.config
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from conscope_app.core.printable import Mask
from conscope_app.logs import LineFormatter, logging_config
from conscope_app.secrecy import mask_of
from conscope_app.settings import Settings
from tests.security.canaries import CANARIES, DATABASE_PASSWORD, WEB_TOKEN, WEBHOOK, found_in
from tests.security.hostile import HOSTILE, TERMINAL

EVENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ \S+: .*")


@pytest.fixture
def formatter() -> LineFormatter:
    """The worker's own."""
    return LineFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s", mask=Mask(CANARIES))


def formatted(formatter: LineFormatter, message: str, error: Exception | None = None) -> str:
    """As it would stand in the log."""
    information = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("web", logging.ERROR, "x.py", 1, "%s", (message,), information)
    return formatter.format(record)


def test_a_name_from_outside_cannot_forge_a_line(formatter: LineFormatter) -> None:
    """Nor colour it, name the window, or turn its reading direction."""
    line = formatted(formatter, TERMINAL + HOSTILE)

    assert line.isprintable()
    assert EVENT.fullmatch(line)
    assert r"\x1b]0;owned\x07\x1b[2J\n2026-01-01" in line
    assert "<img src=x onerror=alert(1)>" in line


def test_an_error_cannot_forge_one_either(formatter: LineFormatter) -> None:
    """The lines of a traceback begin with a bar."""
    try:
        int(TERMINAL)
    except ValueError as error:
        error.add_note(TERMINAL)
        first, *rest = formatted(formatter, "it failed", error).split("\n")

    assert EVENT.fullmatch(first)
    assert len(rest) > 3
    assert all(line.startswith("  | ") and line.isprintable() for line in rest)
    assert "  | 2026-01-01 00:00:00,000 CRITICAL root: forged" in rest


@given(message=st.text())
def test_whatever_is_logged_is_a_line(message: str) -> None:
    """Of characters that can be seen."""
    line = formatted(LineFormatter("%(message)s", mask=Mask()), message)

    assert line.isprintable()


def test_a_secret_is_taken_out_of_messages_and_errors(formatter: LineFormatter) -> None:
    """Should a library repeat what it was given."""
    error = OSError(f"cannot connect to postgresql://u:{DATABASE_PASSWORD}@h/d")

    text = formatted(formatter, f"GET /?token={WEB_TOKEN} {WEBHOOK}", error)

    assert found_in(text) == []
    assert text.count("[secret]") == 3


def test_every_secret_of_the_settings_is_known() -> None:
    """Whole, as the password of an address in both spellings, and as a webhook's token."""
    settings = Settings(
        database_url=SecretStr("postgresql://u:canary%2Fpassword@h/prices"),
        web_token=SecretStr(WEB_TOKEN),
        discord_webhook_url=SecretStr(WEBHOOK),
    )

    masked = mask_of(settings)(
        f"canary%2Fpassword canary/password {WEB_TOKEN} {WEBHOOK} {WEBHOOK.rpartition('/')[2]} h"
    )

    assert masked == "[secret] [secret] [secret] [secret] [secret] h"
    assert found_in(repr(mask_of(settings)) + repr(settings)) == []


def test_a_password_that_is_a_word_does_not_garble_the_log() -> None:
    """Short ones are left: a log in which every `postgres` is hidden helps nobody."""
    settings = Settings(database_url=SecretStr("postgresql://postgres:postgres@h/postgres"))

    assert mask_of(settings)("Postgres at h: postgres is away") == "Postgres at h: postgres is away"


@pytest.fixture
def configured(tmp_path: Path) -> Iterator[Path]:
    """A log of the worker's configuration, in a file."""
    config = logging_config("info", Mask(CANARIES))
    path = tmp_path / "log"
    config["handlers"]["stderr"] = {
        "class": "logging.FileHandler",
        "formatter": "line",
        "filename": str(path),
    }
    config["root"]["handlers"] = []
    config["loggers"] = {"security": {"handlers": ["stderr"], "propagate": False}}
    logging.config.dictConfig(config)
    yield path
    for handler in logging.getLogger("security").handlers:
        handler.close()
    logging.getLogger("security").handlers.clear()


def test_the_workers_configuration_uses_it(configured: Path) -> None:
    """The one that Faust is handed."""
    logging.getLogger("security").error("%s %s", WEB_TOKEN, TERMINAL)

    assert found_in(configured.read_text()) == []
    assert len(configured.read_text().splitlines()) == 1


def test_the_last_line_of_a_worker_is_a_line_too() -> None:
    """What ends the process is said beside the log, with the same care."""
    script = (
        "import logging.config, sys\n"
        "from conscope_app.core.printable import Mask\n"
        "from conscope_app.logs import logging_config\n"
        "from conscope_app.stream.ending import end_process\n"
        "logging.config.dictConfig(logging_config('info', Mask([sys.argv[1]])))\n"
        "end_process(f'{sys.argv[1]} failed: ' + sys.argv[2])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, WEB_TOKEN, TERMINAL],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 70
    event, last = done.stderr.splitlines()
    assert EVENT.fullmatch(event)
    assert last.startswith(r"conscope: [secret] failed: \x1b]0;owned")
    assert found_in(done.stderr) == []
