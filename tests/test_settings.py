import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from conscope_app.core.loopback import is_loopback
from conscope_app.settings import Settings
from tests.authority import Authority


def test_brokers_are_read_from_the_url() -> None:
    """Several brokers, with and without a port, with and without the scheme."""
    settings = Settings(kafka_url="kafka://a:9092;b,kafka://c:1")

    assert settings.brokers.addresses == ("a:9092", "b:9092", "c:1")


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


def test_a_file_is_not_read_where_the_variable_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """It need not even be there."""
    monkeypatch.setenv("CONSCOPE_WEB_TOKEN", "of the variable")
    monkeypatch.setenv("CONSCOPE_WEB_TOKEN_FILE", "/nowhere/token")

    assert Settings().web_token is not None


def test_kafka_is_reached_as_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Certificates and the password come from files; what is shown of it has no secret."""
    authority = Authority()
    certificate, key = authority.sign("me")
    files = {"CA": authority.certificate, "CERTIFICATE": certificate, "KEY": key}
    for name, text in {**files, "PASSWORD": "hunter2\n"}.items():
        (tmp_path / name).write_text(text)
        monkeypatch.setenv(f"CONSCOPE_KAFKA_{name}_FILE", str(tmp_path / name))
    monkeypatch.setenv("CONSCOPE_KAFKA_SECURITY", "SASL_SSL")
    monkeypatch.setenv("CONSCOPE_KAFKA_USERNAME", "me")

    settings = Settings()
    options = settings.brokers.client_options
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("me", "hunter2")
    assert len(options["ssl_context"].get_ca_certs()) == 1
    shown = f"{settings!r} {settings.brokers!r}"
    assert "hunter2" not in shown
    assert "PRIVATE KEY" not in shown


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
        pytest.param("CONSCOPE_KAFKA_URL", "kafka://u:hunter2@h:9092", id="user in Kafka's"),
        pytest.param("CONSCOPE_KAFKA_PASSWORD", "hunter2", id="password without SASL"),
        pytest.param("CONSCOPE_KAFKA_CA_FILE", "/nowhere/ca.pem", id="file that is not there"),
    ],
)
def test_what_cannot_be_used_ends_with_a_sentence_and_without_secrets(
    name: str, value: str
) -> None:
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


def test_a_worker_may_do_a_part_of_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Separated by commas; one that does not exist, and none at all, are refused."""
    monkeypatch.setenv("CONSCOPE_AGENTS", "track_prices, store_alerts")
    assert Settings().agents == ("track_prices", "store_alerts")

    for wrong in ("track_prices,stoer_prices", ","):
        monkeypatch.setenv("CONSCOPE_AGENTS", wrong)
        with pytest.raises(ValidationError, match="agents"):
            Settings()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param({"sources": "seatgeek"}, "CONSCOPE_SEATGEEK_CLIENT_ID", id="no client id"),
        pytest.param({"sources": "ticketmaster"}, "CONSCOPE_TICKETMASTER_API_KEY", id="no key"),
        pytest.param({"sources": "stubhub"}, "sources", id="unknown"),
        pytest.param(
            {"seatgeek_url": "https://elsewhere.example"}, "on this machine", id="elsewhere"
        ),
    ],
)
def test_sources_that_cannot_be_polled_are_refused(values: dict[str, str], message: str) -> None:
    """At the start, not with the first request."""
    with pytest.raises(ValidationError, match=message):
        Settings(**values)  # type: ignore[arg-type]


def test_sources_are_separated_by_commas() -> None:
    """Each with its key; none is the default, and costs nothing."""
    settings = Settings(
        sources="seatgeek, ticketmaster",  # type: ignore[arg-type]
        seatgeek_client_id=SecretStr("canary-1"),
        ticketmaster_api_key=SecretStr("canary-2"),
        seatgeek_url="http://127.0.0.1:8081",
    )

    assert settings.sources == ("seatgeek", "ticketmaster")
    assert settings.source_keys == {"seatgeek": "canary-1", "ticketmaster": "canary-2"}
    assert "canary" not in repr(settings)
    assert Settings().sources == ()
