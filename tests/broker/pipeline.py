"""The whole pipeline as people run it: real servers, real worker processes, a Discord stand-in."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import psycopg2

from conscope_app.local.ports import free_port
from tests.discord_stand_in import DiscordStandIn

ROOT = Path(__file__).parents[2]
T = TypeVar("T")

# The broker's least. Production keeps 10 s; tests wait for it after each kill.
SESSION_S = 6


def eventually(ask: Callable[[], T | None], *, within_s: float = 60, what: str) -> T:
    """Ask until the answer is true; the last answer is in the error when time is up."""
    until = time.monotonic() + within_s
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < until, f"{what}: not within {within_s} s, last {answer!r}"
        time.sleep(0.05)


class Worker:
    """One `faust -A conscope_app worker`, with its own data directory and web port."""

    def __init__(
        self, name: str, folder: Path, environment: dict[str, str], module: str = "faust"
    ) -> None:
        self.name = name
        self._module = module
        self.data = folder / name
        self.port = free_port()
        self._log = folder / f"{name}.log"
        self._environment = environment | {
            "CONSCOPE_DATA_DIR": str(self.data),
            "CONSCOPE_WEB_PORT": str(self.port),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Worker":
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module, "-A", "conscope_app", "worker"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        return self

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "not started"
        return self._process

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL, at whatever it is doing."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=30)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def wipe(self) -> None:
        """Remove its data directory."""
        shutil.rmtree(self.data, ignore_errors=True)  # it may have died before it made one

    def get(self, path: str) -> Any:
        """A page of this worker as JSON; None while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2) as answer:
                return json.load(answer)
        except (OSError, ValueError):
            return None

    def until_ready(self) -> "Worker":
        def ready() -> bool:
            assert self.process.poll() is None, f"{self.name} ended:\n{self.log[-3000:]}"
            return bool(self.get("/health/ready"))

        eventually(ready, what=f"{self.name} ready")
        return self

    def processed(self) -> int:
        """How many raw prices the cluster has taken, as this worker's API says."""
        stats = self.get("/api/v1/stats")
        return 0 if stats is None or stats["totals"] is None else int(stats["totals"]["records"])


class Pipeline:
    """Servers, settings and commands of one deployment."""

    def __init__(
        self, kafka_url: str, database_url: str, folder: Path, discord: DiscordStandIn
    ) -> None:
        self.kafka_url = kafka_url
        self.database_url = database_url
        self.discord = discord
        self.workers: list[Worker] = []
        self._begun: list[subprocess.Popen[bytes]] = []
        self._folder = folder
        self.environment = {
            name: value
            for name, value in os.environ.items()  # noqa: TID251 what a shell would hand over
            if not name.startswith("CONSCOPE_")
        } | {
            "CONSCOPE_KAFKA_URL": kafka_url,
            "CONSCOPE_DATABASE_URL": database_url,
            "CONSCOPE_DATA_DIR": str(folder / "commands"),
            "CONSCOPE_SESSION_TIMEOUT_S": str(SESSION_S),
            "CONSCOPE_DISCORD_WEBHOOK_URL": discord.url,
            "CONSCOPE_DISCORD_ALLOW_LOOPBACK": "true",
            "CONSCOPE_ALERT_MESSAGES_PER_MINUTE": "1000000",
        }

    def run(
        self, *arguments: str, expect: int | None = 0, timeout_s: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        done = subprocess.run(
            self._faust(arguments),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        assert expect is None or done.returncode == expect, done.stdout + done.stderr
        return done

    def begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command and go on; it is ended with the pipeline."""
        begun = subprocess.Popen(
            self._faust(arguments),
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._begun.append(begun)
        return begun

    def worker(self, name: str, *, module: str = "faust", **settings: str) -> Worker:
        """A worker, not started yet; `module` is what Python runs."""
        worker = Worker(name, self._folder, self.environment | settings, module)
        self.workers.append(worker)
        return worker

    def move_to(self, kafka_url: str) -> None:
        """Go on with another Kafka: commands from now on, and workers that are made from now on."""
        self.kafka_url = kafka_url
        self.environment["CONSCOPE_KAFKA_URL"] = kafka_url

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows from the pipeline's database."""
        connection = psycopg2.connect(self.database_url.replace("+psycopg2", ""))
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        finally:
            connection.close()

    def count(self, table: str, where: str = "true") -> int:
        return int(self.query(f"SELECT count(*) FROM {table} WHERE {where}")[0][0])

    def until_told(self, *, within_s: float = 90) -> None:
        """Wait until nobody has to be told of anything any more."""
        eventually(
            lambda: self.count("deliveries", "status = 'waiting'") == 0,
            within_s=within_s,
            what="all alerts told",
        )

    def told(self) -> Counter[str]:
        """How often the stand-in has heard of each record."""
        return Counter(told.record_id for told in self.discord.told)

    def audit(self) -> dict[str, Any]:
        """The audit's report; fails the test unless it is clean."""
        done = self.run("audit", "--wait", "60s", "--json", expect=None, timeout_s=180)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def audit_report(self, *, timeout_s: float) -> dict[str, Any]:
        """The audit's report, clean or not."""
        done = self.run("audit", "--wait", "60s", "--json", expect=None, timeout_s=timeout_s)
        # Python too ends with 1 where it fails, and has then printed no report.
        told = done.returncode in (0, 1) and done.stdout.startswith("{")
        assert told, done.stdout[-3000:] + done.stderr[-3000:]
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def stop(self) -> None:
        """End everything that still runs."""
        for process in self._begun:
            process.kill()
            process.wait()
        for worker in self.workers:
            if worker._process is not None and worker.process.poll() is None:
                worker.thaw()
                worker.kill()

    def _faust(self, arguments: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "faust", "-A", "conscope_app", *arguments]
