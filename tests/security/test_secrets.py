"""Canaries for secrets, and every fault that might make somebody sing: they turn up nowhere."""

from pathlib import Path

import psycopg2
import pytest
from psycopg2.extensions import quote_ident
from sqlalchemy.engine import make_url

from conscope_app.local.postgres import PostgresServer
from tests.broker.conftest import kafka, pipeline
from tests.broker.pipeline import Pipeline, Worker, eventually
from tests.discord_stand_in import TOKEN as WEBHOOK_TOKEN
from tests.factories import a_value
from tests.security.canaries import DATABASE_PASSWORD, KAFKA_PASSWORD, WEB_TOKEN, found_in
from tests.security.exchange import ask
from tests.security.sending import send

__all__ = ["kafka", "pipeline"]

pytestmark = [pytest.mark.broker, pytest.mark.postgres]

PAGES = ("/", "/live", "/live?page=overview", "/api/v1/stats", "/api/v1/alerts", "/health/ready")


@pytest.fixture
def canary_url(pipeline: Pipeline) -> str:
    """The pipeline's database, for a user of its own whose password is a canary."""
    url = make_url(pipeline.database_url)
    connection = psycopg2.connect(pipeline.database_url.replace("+psycopg2", ""))
    connection.autocommit = True
    with connection.cursor() as cursor:
        role = f"canary_{url.database}"
        quoted = quote_ident(role, cursor)
        cursor.execute(f"CREATE ROLE {quoted} LOGIN SUPERUSER PASSWORD %s", (DATABASE_PASSWORD,))
    connection.close()
    changed = url.set(username=role, password=DATABASE_PASSWORD)
    return changed.render_as_string(hide_password=False)


def test_no_fault_makes_a_worker_tell_a_secret(
    pipeline: Pipeline, canary_url: str, postgres_server: PostgresServer
) -> None:
    """Discord that fails in each of its ways, a database that goes away, one that refuses us."""
    pipeline.environment |= {"CONSCOPE_DATABASE_URL": canary_url, "CONSCOPE_LOG_LEVEL": "debug"}
    worker = pipeline.worker("w1", CONSCOPE_WEB_TOKEN=WEB_TOKEN).start()
    eventually(lambda: _reasons(worker) == "ready", what="ready")

    _discord_fails(pipeline)
    _tells_nothing(worker)

    postgres_server.kill()
    try:
        eventually(lambda: "database" in _reasons(worker), what="the database missed")
        _tells_nothing(worker)
        _commands_tell_nothing(pipeline)
    finally:
        postgres_server.start()

    _refuse(pipeline, canary_url)
    eventually(lambda: "authentication" in _reasons(worker), what="the database's refusal")
    _tells_nothing(worker)
    _commands_tell_nothing(pipeline)
    worker.stop()
    _holds_no_secret(worker.log)


def _discord_fails(pipeline: Pipeline) -> None:
    pipeline.discord.then("error", "elsewhere", "hang")
    _a_drop(pipeline, 100, 50)
    eventually(
        lambda: pipeline.count("deliveries", "status = 'sent'") == 1, within_s=90, what="it told"
    )
    assert pipeline.discord.behaviours[:3] == ["error", "elsewhere", "hang"]
    pipeline.discord.stop()
    _a_drop(pipeline, 20)
    eventually(
        lambda: pipeline.count("deliveries", "last_error LIKE '%ConnectionRefused%'"),
        what="nobody there",
    )
    errors = pipeline.query("SELECT string_agg(last_error, ' ') FROM deliveries")
    _holds_no_secret(str(errors))


def _a_drop(pipeline: Pipeline, *prices: int) -> None:
    send(pipeline, [(b"k", a_value(price=price), ()) for price in prices])


def _refuse(pipeline: Pipeline, canary_url: str) -> None:
    """Change the password under the worker's feet, and end its connections."""
    url = make_url(canary_url)
    connection = psycopg2.connect(pipeline.database_url.replace("+psycopg2", ""))
    connection.autocommit = True
    with connection.cursor() as cursor:
        quoted = quote_ident(str(url.username), cursor)
        cursor.execute(f"ALTER ROLE {quoted} PASSWORD 'another'")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s",
            (url.username,),
        )
    connection.close()
    _a_drop(pipeline, 15)


def _reasons(worker: Worker) -> str:
    """`ready`, or what the worker says is the matter."""
    assert worker.process.poll() is None, worker.log
    try:
        answer = ask(worker.port, "/health/ready", token=WEB_TOKEN)
    except OSError:
        return "not there"
    return "ready" if answer.status == 200 else answer.text


def _tells_nothing(worker: Worker) -> None:
    """No page, no stream, no line of the log, and nothing that `ps` shows."""
    for target in PAGES:
        answer = ask(worker.port, target, token=WEB_TOKEN)
        assert answer.body
        _holds_no_secret(answer.whole)
    _holds_no_secret(worker.log)
    process = Path("/proc") / str(worker.process.pid)
    shown = process.joinpath("cmdline").read_text() + process.joinpath("comm").read_text()
    assert "conscope_app" in shown
    _holds_no_secret(shown)


def _commands_tell_nothing(pipeline: Pipeline) -> None:
    for arguments in (("migrate",), ("audit", "--wait", "1s"), ("deliveries", "list")):
        done = pipeline.run(*arguments, expect=None)
        assert done.returncode != 0
        assert "Traceback" not in done.stderr
        _holds_no_secret(done.stdout + done.stderr)


def test_a_login_that_kafka_does_not_take_is_not_repeated(pipeline: Pipeline) -> None:
    """A worker and a command with a password, at a broker that wants none: both say so and end."""
    login = {
        "CONSCOPE_KAFKA_SECURITY": "SASL_PLAINTEXT",
        "CONSCOPE_KAFKA_USERNAME": "conscope",
        "CONSCOPE_KAFKA_PASSWORD": KAFKA_PASSWORD,
    }
    worker = pipeline.worker("w1", CONSCOPE_WEB_TOKEN=WEB_TOKEN, **login).start()

    assert worker.process.wait(timeout=90) != 0
    assert "asks for no login" in worker.log
    _holds_no_secret(worker.log)

    pipeline.environment |= login
    done = pipeline.run("topics", "check", expect=None)

    assert done.returncode != 0
    _holds_no_secret(done.stdout + done.stderr)


def _holds_no_secret(text: str) -> None:
    assert found_in(text) == []
    assert WEBHOOK_TOKEN not in text
