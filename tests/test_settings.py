import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from conscope_app.settings import Settings, is_loopback


def test_brokers_are_read_from_the_url() -> None:
    """Several brokers, with and without a port, with and without the scheme."""
    settings = Settings(kafka_url="kafka://a:9092;b,kafka://c:1")

    assert settings.brokers == ["a:9092", "b:9092", "c:1"]


def test_a_secret_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CONSCOPE_X_FILE names a file that holds what CONSCOPE_X would."""
    (tmp_path / "token").write_text("s3cret\n")
    monkeypatch.setenv("CONSCOPE_WEB_TOKEN_FILE", str(tmp_path / "token"))

    token = Settings().web_token

    assert token is not None
    assert token.get_secret_value() == "s3cret"


def test_the_variable_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where both are set, the variable counts."""
    (tmp_path / "token").write_text("of the file")
    monkeypatch.setenv("CONSCOPE_WEB_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("CONSCOPE_WEB_TOKEN", "of the variable")

    token = Settings().web_token

    assert token is not None
    assert token.get_secret_value() == "of the variable"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])
def test_the_web_opens_to_others_only_with_a_token(host: str) -> None:
    """An address that other machines reach needs a token."""
    with pytest.raises(ValidationError, match="CONSCOPE_WEB_TOKEN"):
        Settings(web_host=host)
    assert Settings(web_host=host, web_token="long enough").web_host == host  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_token(host: str) -> None:
    """Only this machine reaches it."""
    assert is_loopback(host)


def test_a_wrong_setting_ends_with_a_sentence_and_without_secrets() -> None:
    """No traceback, no secret among the values of the others, and exit code 78."""
    done = subprocess.run(
        [sys.executable, "-m", "faust", "-A", "conscope_app", "agents"],
        cwd=Path(__file__).parents[1],
        env={
            "CONSCOPE_WEB_PORT": "many",
            "CONSCOPE_DATABASE_URL": "postgresql+psycopg2://u:hunter2@h/d",
            "PATH": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 78
    assert "CONSCOPE_WEB_PORT" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("CONSCOPE_DATABASE_URL", "postgresql://u:hunter2@h:many/d", id="port"),
        pytest.param("CONSCOPE_DATABASE_URL", "mysql://u:hunter2@h/d", id="another database"),
        pytest.param("CONSCOPE_DATABASE_URL", "hunter2", id="no address at all"),
        pytest.param("CONSCOPE_DISCORD_WEBHOOK_URL", "https://evil.example/hunter2", id="webhook"),
    ],
)
def test_a_bad_address_ends_with_a_sentence_and_without_secrets(name: str, value: str) -> None:
    """The variable is named, what it holds is not."""
    done = subprocess.run(
        [sys.executable, "-m", "faust", "-A", "conscope_app", "agents"],
        cwd=Path(__file__).parents[1],
        env={name: value, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 78
    assert name in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_fausts_own_option_does_not_open_the_web_either() -> None:
    """`--web-bind 0.0.0.0` without a token ends with 78 before anything listens."""
    done = subprocess.run(
        [sys.executable, "-m", "faust", "-A", "conscope_app", "worker", "--web-bind", "0.0.0.0"],
        cwd=Path(__file__).parents[1],
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 78
    assert "CONSCOPE_WEB_TOKEN" in done.stderr
