"""docker-compose.yml follows the specification and says nothing that the application lacks.

There is no Docker engine where the tests run: what is checked here is the file.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # has no types of its own
import pytest
import yaml  # type: ignore[import-untyped]  # read by this test alone, as plain dicts

from conscope_app.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
COMPOSE = ROOT / "docker-compose.yml"
OURS = ["migrate", "mock", "topics", "worker"]


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def test_it_follows_the_compose_specification() -> None:
    """The schema is the one that check-jsonschema carries; its command line is not needed."""
    package = find_spec("check_jsonschema")
    assert package
    assert package.origin
    vendored = Path(package.origin).with_name("builtin_schemas") / "vendor" / "compose-spec.json"
    specification = jsonschema.Draft202012Validator(json.loads(vendored.read_text()))

    assert list(specification.iter_errors(yaml.safe_load(COMPOSE.read_text()))) == []
    assert list(specification.iter_errors({"services": {"worker": {"imagee": "x"}}}))


def test_every_image_is_pinned(services: dict[str, dict[str, Any]]) -> None:
    images = {service["image"] for service in services.values()}

    assert images == {
        "apache/kafka:4.1.1",
        "conscope:local",
        "ghcr.io/kafbat/kafka-ui:v1.3.0",
        "postgres:18",
    }
    assert sorted(name for name in services if "build" in services[name]) == OURS


def names_of_settings(services: dict[str, dict[str, Any]]) -> Iterator[str]:
    for service in services.values():
        for name in service.get("environment", {}):
            if name.startswith(PREFIX):
                yield name.removeprefix(PREFIX).removesuffix("_FILE").lower()
    for name in re.findall(r"\$\{CONSCOPE_(\w+)", COMPOSE.read_text()):
        yield name.lower()


def test_every_variable_is_a_setting(services: dict[str, dict[str, Any]]) -> None:
    assert set(names_of_settings(services)) - set(Settings.model_fields) == set()


# One process for all: what takes its time is building the application.
ASK_FOR_HELP = """
import json, sys
commands = json.loads(sys.argv[1])
sys.argv[1:] = ["-A", "conscope_app"]  # which Faust reads when it is imported
from faust.cli.faust import cli
for command in commands:
    try:
        cli(["-A", "conscope_app", *command, "--help"])
    except SystemExit as ended:
        assert not ended.code, command
"""


def test_every_command_exists(services: dict[str, dict[str, Any]]) -> None:
    """Asked of the command line itself, with the options that the file gives."""
    commands = [services[name]["command"] for name in OURS]
    asked = [sys.executable, "-c", ASK_FOR_HELP, json.dumps(commands)]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Usage:") == len(commands)


def test_only_this_machine_reaches_a_port(services: dict[str, dict[str, Any]]) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]

    assert published
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_a_worker_that_all_interfaces_reach_has_a_token(
    services: dict[str, dict[str, Any]],
) -> None:
    worker = services["worker"]["environment"]

    assert worker["CONSCOPE_WEB_HOST"] == "0.0.0.0"
    assert worker["CONSCOPE_WEB_TOKEN_FILE"] == "/var/lib/conscope/secrets/web_token"


def test_workers_share_neither_data_nor_port(services: dict[str, dict[str, Any]]) -> None:
    """A volume with a name, or a single port, would be the same one for all of them."""
    worker = services["worker"]

    assert worker["environment"]["CONSCOPE_DATA_DIR"] in worker["volumes"]
    assert worker["ports"] == ["127.0.0.1:6066-6075:6066"]
    assert "container_name" not in worker


def test_nothing_starts_before_what_it_needs(services: dict[str, dict[str, Any]]) -> None:
    needs = {
        name: {on: how["condition"] for on, how in service.get("depends_on", {}).items()}
        for name, service in services.items()
    }

    done, healthy = "service_completed_successfully", "service_healthy"
    assert needs["postgres"] == {"secrets": done}
    assert needs["migrate"] == {"postgres": healthy}
    assert needs["topics"] == {"secrets": done, "kafka": healthy}
    assert needs["worker"] == {"migrate": done, "topics": done}
    assert needs["mock"] == {"topics": done}
    for name in ("kafka", "postgres", "worker"):
        assert "healthcheck" in services[name]


def make_secrets(folder: Path) -> dict[str, str]:
    script = ROOT / "deploy" / "docker" / "make-secrets.sh"
    subprocess.run(["sh", str(script), str(folder)], check=True, capture_output=True)
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    first = make_secrets(tmp_path)

    assert sorted(first) == ["database_url", "postgres_password", "web_token"]
    assert len(first["web_token"]) == 48
    assert first["web_token"] != first["postgres_password"]
    assert make_secrets(tmp_path) == first


def test_the_settings_take_the_secrets_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_secrets(tmp_path)
    monkeypatch.setenv("CONSCOPE_WEB_HOST", "0.0.0.0")
    monkeypatch.setenv("CONSCOPE_WEB_TOKEN", "")
    monkeypatch.setenv("CONSCOPE_WEB_TOKEN_FILE", str(tmp_path / "web_token"))
    monkeypatch.setenv("CONSCOPE_DATABASE_URL_FILE", str(tmp_path / "database_url"))

    settings = Settings()

    assert settings.web_token
    assert settings.web_token.get_secret_value() == made["web_token"]
    assert settings.database_url.get_secret_value() == made["database_url"]
