"""Kafka by SASL_SSL, Postgres by TLS with the server's name checked: all of it, and what fails."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy.engine import make_url

from conscope_app.local.artifacts import Artifacts
from conscope_app.local.postgres import PostgresServer
from tests.authority import Authority
from tests.broker.pipeline import Pipeline, Worker, eventually
from tests.discord_stand_in import DiscordStandIn
from tests.secure_kafka import PASSWORD, USERNAME, SecureKafka

pytestmark = pytest.mark.broker

ONLY_BY_TLS = "hostssl all all 127.0.0.1/32 scram-sha-256\n"


@pytest.fixture(scope="module")
def kafka(servers_folder: Path, artifacts: Artifacts) -> Iterator[SecureKafka]:
    """It lets in whoever knows the password, by TLS."""
    kafka = SecureKafka(servers_folder / "secure-kafka", artifacts)
    with kafka.server:
        kafka.set_password(PASSWORD)
        yield kafka


@pytest.fixture(scope="module")
def postgres(servers_folder: Path, artifacts: Artifacts) -> Iterator[PostgresServer]:
    """It lets in nobody without TLS, and shows a certificate for its address."""
    authority = Authority()
    folder = servers_folder / "secure-postgres"
    folder.mkdir()
    certificate, key = authority.sign("127.0.0.1")
    shown = {"ssl_cert_file": certificate, "ssl_key_file": key, "hba_file": ONLY_BY_TLS}
    settings = {name: str(folder / name) for name in shown}
    server = PostgresServer(folder, artifacts, settings={"ssl": "on", **settings})
    for name, text in shown.items():
        path = folder / name
        path.write_text(text)
        path.chmod(0o600)
        if server.account:
            os.chown(path, server.account.uid, server.account.gid)
    authority.write(folder)
    with server:
        yield server


def checked(url: str, postgres: PostgresServer, **changes: str) -> str:
    """The URL with the server's certificate and address checked; `changes` say otherwise."""
    authority = postgres.log.parent / "authority.pem"
    parameters = {"sslmode": "verify-full", "sslrootcert": str(authority), **changes}
    return url + "?" + "&".join(f"{name}={quote(text)}" for name, text in parameters.items())


@pytest.fixture(scope="module")
def database_url(postgres: PostgresServer) -> str:
    return checked(postgres.url, postgres)


@pytest.fixture
def pipeline(kafka: SecureKafka, database_url: str, tmp_path: Path) -> Iterator[Pipeline]:
    """Settings that are right in everything; nothing has been created yet."""
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    with DiscordStandIn() as discord:
        pipeline = Pipeline(f"kafka://{kafka.address('SECURE')}", database_url, tmp_path, discord)
        pipeline.environment |= {
            "CONSCOPE_KAFKA_SECURITY": "SASL_SSL",
            "CONSCOPE_KAFKA_USERNAME": USERNAME,
            "CONSCOPE_KAFKA_PASSWORD_FILE": str(tmp_path / "password"),
            "CONSCOPE_KAFKA_CA_FILE": str(kafka.authority.write(tmp_path)),
        }
        yield pipeline
        pipeline.stop()


def reason(worker: Worker, part: str) -> str | None:
    """The reason with this text, where the worker gives it for not being ready."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{worker.port}/health/ready", timeout=2).close()
    except urllib.error.HTTPError as error:
        with error:
            reasons = json.load(error)["reasons"]
        return next((each for each in reasons if part in each), None)
    except OSError:
        pass  # not listening yet
    return None


def password_of(url: str) -> str:
    return str(make_url(url).password)


def another_authority(folder: Path) -> str:
    """The certificate of one that has signed nothing here, as a file."""
    (folder / "other").mkdir()
    return str(Authority().write(folder / "other"))


def test_everything_runs_over_encrypted_connections(pipeline: Pipeline) -> None:
    """Topics, migration, a worker, production, dead letters, and an audit that is clean."""
    pipeline.run("topics", "create")
    pipeline.run("migrate")
    worker = pipeline.worker("w1").start().until_ready()
    pipeline.run("produce", "mock", "--count", "1000", "--rate", "0", "--seed", "51")
    eventually(lambda: pipeline.count("price_history") == 1_000, what="all rows")

    pipeline.audit()
    pipeline.run("dead-letters", "list")
    [(by_tls, connections)] = pipeline.query(
        "SELECT count(*) FILTER (WHERE ssl), count(*) FROM pg_stat_ssl "
        "JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'conscope%'"
    )
    assert by_tls == connections > 0
    assert worker.stop() == 0
    assert PASSWORD not in worker.log
    assert password_of(pipeline.database_url) not in worker.log


def test_a_password_that_is_changed_under_a_worker_is_told(
    pipeline: Pipeline, kafka: SecureKafka
) -> None:
    """Readiness and commands say who is refused; with the right password all goes on by itself."""
    pipeline.run("topics", "create")
    pipeline.run("migrate")
    before = pipeline.count("price_history")
    worker = pipeline.worker("w1").start().until_ready()
    refused = f"{kafka.address('SECURE')} refuses the user '{USERNAME}'"

    kafka.set_password("another one")
    try:
        eventually(lambda: reason(worker, refused), what="readiness says it")
        assert worker.get("/health/live") is not None
        for command, code in (("produce mock --count 1", 1), ("topics check", 2)):
            done = pipeline.run(*command.split(), expect=code)
            assert refused in done.stderr
            assert "Traceback" not in done.stderr
            assert PASSWORD not in done.stdout + done.stderr
    finally:
        kafka.set_password(PASSWORD)

    worker.until_ready()
    pipeline.run("produce", "mock", "--count", "500", "--rate", "0", "--seed", "52")
    eventually(lambda: pipeline.count("price_history") == before + 500, what="rows afterwards")
    assert PASSWORD not in worker.log


def test_a_worker_that_will_never_be_let_in_stays_down(
    pipeline: Pipeline, kafka: SecureKafka, tmp_path: Path
) -> None:
    """Exit code 78, and the last line says what has to be another."""
    by_name = kafka.address("SECURE").replace("127.0.0.1", "localhost")
    wrong = {
        "refuses the user": {"CONSCOPE_KAFKA_PASSWORD": "hunter2"},
        "a certificate that is not trusted": {
            "CONSCOPE_KAFKA_CA_FILE": another_authority(tmp_path)
        },
        "a certificate of another name": {"CONSCOPE_KAFKA_URL": f"kafka://{by_name}"},
        "speaks TLS": {
            "CONSCOPE_KAFKA_SECURITY": "SASL_PLAINTEXT",
            "CONSCOPE_KAFKA_CA_FILE": "",
        },
    }
    workers = {
        said: pipeline.worker(f"w{number}", **settings).start()
        for number, (said, settings) in enumerate(wrong.items())
    }

    for said, worker in workers.items():
        assert worker.process.wait(timeout=60) == 78, worker.log
        last = worker.log.splitlines()[-1]
        assert last.startswith("conscope: Kafka cannot be reached: ")
        assert said in last
        assert "Traceback" not in worker.log
        assert "hunter2" not in worker.log


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"sslmode": "disable"}, "no encryption", id="without TLS"),
        pytest.param(
            {"sslrootcert": "of another authority"},
            "certificate verify failed",
            id="another authority",
        ),
        pytest.param({"host": "localhost"}, "does not match host name", id="another name"),
        pytest.param({"password": "hunter2"}, "password authentication failed", id="password"),
    ],
)
def test_what_postgres_refuses_is_told(
    pipeline: Pipeline, postgres: PostgresServer, tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    """`migrate` ends with 1 and a sentence without a secret."""
    if "sslrootcert" in changes:
        changes = {"sslrootcert": another_authority(tmp_path)}
    pipeline.environment["CONSCOPE_DATABASE_URL"] = checked(postgres.url, postgres, **changes)
    done = pipeline.run("migrate", expect=1)

    assert said in done.stderr
    assert "Traceback" not in done.stderr
    for secret in (password_of(postgres.url), "hunter2"):
        assert secret not in done.stdout + done.stderr


def test_a_worker_that_postgres_does_not_convince_says_so(
    pipeline: Pipeline, postgres: PostgresServer, tmp_path: Path
) -> None:
    """It waits for a server that it can trust, as for one that is away, and is not ready."""
    url = checked(postgres.url, postgres, sslrootcert=another_authority(tmp_path))
    pipeline.run("topics", "create")
    worker = pipeline.worker("w1", CONSCOPE_DATABASE_URL=url).start()

    eventually(lambda: reason(worker, "certificate verify failed"), what="readiness says it")
    assert worker.stop() == 0
    assert password_of(postgres.url) not in worker.log
