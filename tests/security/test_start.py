"""A worker that is set up wrongly: it does not open a door, and repeats no secret."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.security.canaries import (
    DATABASE_PASSWORD,
    KAFKA_PASSWORD,
    WEB_TOKEN,
    WEBHOOK_TOKEN,
    found_in,
)

ROOT = Path(__file__).parents[2]
SECRETS = {
    "CONSCOPE_WEB_TOKEN": WEB_TOKEN,
    "CONSCOPE_DATABASE_URL": f"postgresql://u:{DATABASE_PASSWORD}@127.0.0.1:1/d?connect_timeout=2",
    "CONSCOPE_DISCORD_WEBHOOK_URL": f"https://discord.com/api/webhooks/1/{WEBHOOK_TOKEN}",
    "CONSCOPE_KAFKA_URL": "kafka://127.0.0.1:1",
    "CONSCOPE_KAFKA_SECURITY": "SASL_PLAINTEXT",
    "CONSCOPE_KAFKA_USERNAME": "conscope",
    "CONSCOPE_KAFKA_PASSWORD": KAFKA_PASSWORD,
}


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "faust", "-A", "conscope_app", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | SECRETS | settings,  # noqa: TID251 as a shell would
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("CONSCOPE_DATABASE_URL", f"postgresql://u:p@{DATABASE_PASSWORD}@h/d", id="@"),
        pytest.param(
            "CONSCOPE_DISCORD_WEBHOOK_URL",
            f"http://127.0.0.1:9/api/webhooks/1/{WEBHOOK_TOKEN}",
            id="loopback without the setting",
        ),
        pytest.param("CONSCOPE_KAFKA_URL", f"kafka://u:{KAFKA_PASSWORD}@h:9092", id="a user"),
        pytest.param("CONSCOPE_WEB_PORT", "many", id="another setting"),
    ],
)
def test_a_wrong_setting_is_named_and_not_shown(name: str, value: str) -> None:
    """Exit code 78, a sentence, no traceback."""
    done = run("worker", **{name: value})

    said = done.stdout + done.stderr
    assert done.returncode == 78, said
    assert name in said
    assert "Traceback" not in said
    assert found_in(said) == []


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"CONSCOPE_WEB_TOKEN": ""}, id="no token"),
        pytest.param({"CONSCOPE_WEB_TOKEN": "", "CONSCOPE_WEB_TOKEN_FILE": os.devnull}, id="file"),
    ],
)
def test_other_machines_reach_nothing_without_a_token(settings: dict[str, str]) -> None:
    """The worker ends before it listens."""
    done = run("worker", CONSCOPE_WEB_HOST="0.0.0.0", **settings)

    assert done.returncode == 78
    assert "CONSCOPE_WEB_TOKEN" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("migrate",), id="migrate"),
        pytest.param(("audit", "--wait", "1s"), id="audit"),
        pytest.param(("topics", "check"), id="topics"),
        pytest.param(("produce", "mock", "--count", "1"), id="produce"),
        pytest.param(("deliveries", "list"), id="deliveries"),
        pytest.param(("--debug", "agents"), id="Faust's own"),
    ],
)
def test_a_command_shows_no_secret(arguments: tuple[str, ...]) -> None:
    """Neither what it prints, nor the error that Kafka or Postgres are away."""
    done = run(*arguments)

    said = done.stdout + done.stderr
    assert said
    assert "Traceback" not in said
    assert found_in(said) == []
