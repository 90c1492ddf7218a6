"""Fixtures that the whole suite shares: a real Kafka and a real Postgres, started when asked for.

For development, CONSCOPE_TEST_DATABASE_URL and CONSCOPE_TEST_KAFKA_URL name servers that are
already running; fault tests, which stop and kill servers, always start their own.
"""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from conscope_app.local.artifacts import Artifacts, prepare
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.postgres import PostgresServer

ROOT = Path(__file__).parents[1]
SLOWEST_LAST = ("postgres", "broker", "browser")
LONGEST = ("test_sample.py", "test_recovery.py", "test_table_recovery.py")

# No test asserts a time, and the machine that runs them may be a busy one.
settings.register_profile("conscope", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("conscope")


def pytest_configure() -> None:
    """Have SIGINT back, which ends much of what we start.

    A shell has it ignored by whatever it starts in the background, and that is inherited.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the fast tests first: what they find is known within seconds.

    Of the others those that take minutes come first, so that all lanes end at about the same time.
    """
    items.sort(key=_place)


def _place(item: pytest.Item) -> list[bool]:
    marks = [item.get_closest_marker(mark) is not None for mark in SLOWEST_LAST[::-1]]
    return [*marks, item.path.name not in LONGEST]


@pytest.fixture(scope="session")
def artifacts() -> Artifacts:
    """Kafka and Postgres, fetched once for all runs."""
    return prepare(ROOT / ".conscope" / "artifacts")


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """A folder that another user can enter too, since root starts Postgres as one."""
    with tempfile.TemporaryDirectory(prefix="conscope-tests-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def postgres_server(servers_folder: Path, artifacts: Artifacts) -> Iterator[PostgresServer]:
    """The session's Postgres; whoever kills it starts it again."""
    with PostgresServer(servers_folder / "postgres", artifacts) as server:
        yield server


@pytest.fixture(scope="session")
def kafka_server(servers_folder: Path, artifacts: Artifacts) -> Iterator[KafkaServer]:
    """The session's Kafka; whoever kills it starts it again."""
    with KafkaServer(servers_folder / "kafka", artifacts) as server:
        yield server


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database on a real Postgres."""
    from conscope_app.store.migrate import upgrade

    given = os.environ.get("CONSCOPE_TEST_DATABASE_URL")  # noqa: TID251 the suite's own setting
    url: str = given or request.getfixturevalue("postgres_server").url
    upgrade(url)
    return url


@pytest.fixture(scope="session")
def kafka_url(request: pytest.FixtureRequest) -> str:
    """A real Kafka without any topic of ours."""
    given = os.environ.get("CONSCOPE_TEST_KAFKA_URL")  # noqa: TID251 the suite's own setting
    url: str = given or request.getfixturevalue("kafka_server").url
    return url
