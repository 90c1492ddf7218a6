"""`make demo`, as a person uses it: started, stopped, started again, with servers of one's own."""

import http.client
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from conscope_app.local.artifacts import Artifacts
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.ports import free_port
from conscope_app.local.postgres import PostgresServer
from conscope_app.local.record import ServerRecord, arguments_of
from tests.local.processes import wait_for_text, wait_until

pytestmark = pytest.mark.broker

ROOT = Path(__file__).parents[2]
RUNNING = "ConScope is running"


class RunningDemo:
    """The demo as a process, with what it prints."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *options: str) -> None:
        self.folder = folder
        self.printed = folder / f"printed-{os.urandom(4).hex()}"
        command = [sys.executable, "-m", "conscope_app.local", "--folder", str(folder), "demo"]
        with self.printed.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, *options],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=dict(environment),
            )

    @property
    def text(self) -> str:
        return self.printed.read_text()

    def await_running(self) -> None:
        """Until it shows its address."""
        wait_until(lambda: RUNNING in self.text or self.process.poll() is not None, limit_s=120)
        assert RUNNING in self.text, self.text

    @property
    def port(self) -> int:
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", self.text)
        assert found
        return int(found[1])

    def stop(self, sent: signal.Signals = signal.SIGINT) -> int:
        """Its exit code, after it was asked to stop."""
        self.process.send_signal(sent)
        return self.process.wait(90)


Start = Callable[..., RunningDemo]


@pytest.fixture
def start(tmp_path: Path, servers_folder: Path, artifacts: Artifacts) -> Iterator[Start]:
    """Start the demo in a folder of this test's own, with what was fetched already."""
    folder = servers_folder / f"demo-{os.urandom(4).hex()}"
    folder.mkdir()
    (folder / "artifacts").symlink_to(artifacts.root.parent)
    started: list[RunningDemo] = []
    inherited = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 what a shell would hand over
        if not name.startswith("CONSCOPE_")
    }

    def start_demo(*options: str, **environment: str) -> RunningDemo:
        port = str(free_port())
        demo = RunningDemo(folder, inherited | environment, "--port", port, *options)
        started.append(demo)
        return demo

    yield start_demo
    for demo in started:
        if demo.process.poll() is None:
            demo.stop(signal.SIGTERM)


def get(port: int, path: str) -> tuple[int, bytes]:
    """Status and body of a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def busy() -> float:
    """How many processes each of the machine's cores is shared by now, at least one."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def processes_of(folder: Path) -> list[str]:
    """The names of what still runs out of the folder."""
    notes = [*folder.glob("demo/*/server.json"), *folder.glob("demo/*/process.json")]
    return [
        note.parent.name
        for note in notes
        if str(folder) in " ".join(arguments_of(json.loads(note.read_text())["pid"]))
    ]


def test_it_starts_stops_and_goes_on_with_what_is_there(start: Start) -> None:
    first = start("--rate", "100", "--workers", "2")
    first.await_running()
    wait_until(lambda: b"Taylor Swift" in get(first.port, "/api/v1/stats")[1], limit_s=60)
    assert get(first.port, "/health/ready")[0] == http.client.OK
    assert sorted(processes_of(first.folder)) == [
        "kafka",
        "mock",
        "postgres",
        "worker-1",
        "worker-2",
    ]

    said = first.folder / "demo" / "environment"
    assert f". {said}" in first.text
    assert said.stat().st_mode & 0o777 == 0o600
    asked = f". {shlex.quote(str(said))} && {sys.executable} -m faust -A conscope_app topics check"
    subprocess.run(["sh", "-c", asked], cwd=ROOT, check=True, timeout=60)

    refused = start()
    assert refused.process.wait(60) == 1
    assert "is in use by another run" in refused.text
    assert first.process.poll() is None

    assert first.stop() == 0
    order = [line.split()[2] for line in first.text.splitlines() if line.startswith("✓ Stopping")]
    assert order == ["mock", "worker-2", "worker-1", "Kafka", "Postgres"]
    assert processes_of(first.folder) == []

    started_s = time.monotonic()
    second = start("--no-mock")
    second.await_running()
    took_s = time.monotonic() - started_s
    assert took_s < 20 * busy()
    assert "fetching" not in second.text
    assert sorted(processes_of(second.folder)) == ["kafka", "postgres", "worker-1"]

    worker = ServerRecord.read(second.folder / "demo" / "worker-1" / "process.json").pid
    os.kill(worker, signal.SIGKILL)
    wait_for_text(second.printed, "worker-1 was started again")
    assert "worker-1 ended (by signal 9)" in second.text

    assert second.stop(signal.SIGTERM) == 0
    assert processes_of(second.folder) == []


def test_a_stop_while_it_starts_leaves_nothing_behind(start: Start) -> None:
    demo = start()
    wait_for_text(demo.printed, "Starting Kafka")

    assert demo.stop() == 0
    assert "Stopped." in demo.text
    assert processes_of(demo.folder) == []


def test_nothing_outlives_a_demo_that_was_killed(start: Start) -> None:
    demo = start("--no-mock")
    demo.await_running()

    demo.process.kill()
    demo.process.wait()

    wait_until(lambda: processes_of(demo.folder) == [], limit_s=60)


def test_with_servers_of_ones_own_none_is_started_or_stopped(
    start: Start, postgres_server: PostgresServer, kafka_server: KafkaServer
) -> None:
    url = postgres_server.create_database(f"demo_{os.urandom(4).hex()}")
    demo = start("--no-mock", CONSCOPE_KAFKA_URL=kafka_server.url, CONSCOPE_DATABASE_URL=url)
    demo.await_running()

    assert "Starting Kafka" not in demo.text
    assert "Starting Postgres" not in demo.text
    assert demo.stop() == 0
    assert kafka_server.is_running
    assert postgres_server.is_running


def test_settings_that_are_wrong_are_named_without_a_traceback(start: Start) -> None:
    demo = start(CONSCOPE_PARTITIONS="many", CONSCOPE_WEB_HOST="0.0.0.0")

    assert demo.process.wait(60) == 1
    assert "CONSCOPE_PARTITIONS: Input should be a valid integer" in demo.text
    assert "Traceback" not in demo.text


def test_a_machine_without_java_is_told_how_to_get_it(start: Start, tmp_path: Path) -> None:
    demo = start(PATH=str(tmp_path))

    assert demo.process.wait(60) == 1
    assert "apt-get install openjdk-17-jdk-headless" in demo.text
    assert "Traceback" not in demo.text
    assert processes_of(demo.folder) == []
