"""Real workers, with and without a token; Kafka and Postgres away, which the door does not mind."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.broker.pipeline import Worker, eventually
from tests.security.canaries import DATABASE_PASSWORD, WEB_TOKEN, WEBHOOK
from tests.security.exchange import ask


@contextmanager
def _serving(name: str, **settings: str) -> Iterator[Worker]:
    """A worker whose pages answer, ended afterwards."""
    with tempfile.TemporaryDirectory(prefix="conscope-security-") as folder:
        environment = {
            name: value
            for name, value in os.environ.items()  # noqa: TID251 what a shell would hand over
            if not name.startswith("CONSCOPE_")
        }
        worker = Worker(name, Path(folder), environment | settings)
        worker.start()
        try:
            eventually(lambda: _is_alive(worker), what="the pages")
            yield worker
        finally:
            worker.kill()


def _is_alive(worker: Worker) -> bool:
    assert worker.process.poll() is None, worker.log
    try:
        return ask(worker.port, "/health/live").status == 200
    except OSError:
        return False


# Nothing listens on port 1.
AWAY = {
    "CONSCOPE_KAFKA_URL": "kafka://127.0.0.1:1",
    "CONSCOPE_DATABASE_URL": f"postgresql://conscope:{DATABASE_PASSWORD}@127.0.0.1:1/prices",
    "CONSCOPE_DISCORD_WEBHOOK_URL": WEBHOOK,
}


@pytest.fixture(scope="session")
def locked() -> Iterator[Worker]:
    """A worker that other machines reach, with a token."""
    with _serving("locked", CONSCOPE_WEB_HOST="0.0.0.0", CONSCOPE_WEB_TOKEN=WEB_TOKEN, **AWAY) as w:
        yield w


@pytest.fixture(scope="session")
def unlocked() -> Iterator[Worker]:
    """A worker that only this machine reaches, without one."""
    with _serving("unlocked", **AWAY) as worker:
        yield worker
