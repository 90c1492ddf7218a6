"""Kafka and Postgres for one run: somebody else's where the settings name them, or our own."""

from pathlib import Path

from conscope_app.local.artifacts import prepare
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.postgres import PostgresServer
from conscope_app.local.screen import Say, Screen
from conscope_app.local.server import LocalServer
from conscope_app.local.stop_request import StopRequest
from conscope_app.settings import Settings


class Servers:
    """What is started here is stopped here; what is somebody else's is never touched."""

    def __init__(self, folder: Path, settings: Settings, screen: Screen, stop: StopRequest) -> None:
        self._folder = folder
        self._screen = screen
        self._stop = stop
        self._own: list[LocalServer] = []
        given = settings.model_fields_set
        self._starts_postgres = "database_url" not in given
        self.starts_kafka = "kafka_url" not in given
        self.kafka_url = settings.kafka_url
        self.database_url = settings.database_url.get_secret_value()

    def start(self) -> None:
        """Start what nobody has named; `kafka_url` and `database_url` are good afterwards."""
        if not (self._starts_postgres or self.starts_kafka):
            return
        with self._screen.step("Getting Kafka and Postgres") as say:
            artifacts = prepare(self._folder / "artifacts", self._interruptible(say))
        # Both are prepared before either is started: what is missing is said at once.
        data, check = self._folder / "demo", self._stop.check
        kafka = postgres = None
        if self.starts_kafka:
            kafka = KafkaServer(data / "kafka", artifacts, while_waiting=check)
        if self._starts_postgres:
            postgres = PostgresServer(data / "postgres", artifacts, while_waiting=check)
        if postgres:
            self._bring_up(postgres)
            self.database_url = postgres.url
        if kafka:
            self._bring_up(kafka)
            self.kafka_url = kafka.url

    def revive(self) -> None:
        """Start a server of ours again that has ended without being asked to."""
        for server in self._own:
            if not server.is_running:
                self._screen.trouble(f"{server.name} ended by itself; see {server.log}")
                with self._screen.step(f"Starting {server.name} again"):
                    server.start()

    def stop(self) -> None:
        """Stop what was started here, the last one first."""
        while self._own:
            server = self._own.pop()
            with self._screen.step(f"Stopping {server.name}"):
                server.stop()

    def _bring_up(self, server: LocalServer) -> None:
        self._stop.check()
        with self._screen.step(f"Starting {server.name}"):
            server.start()
        self._own.append(server)

    def _interruptible(self, say: Say) -> Say:
        def say_unless_stopped(text: str) -> None:
            self._stop.check()
            say(text)

        return say_unless_stopped
