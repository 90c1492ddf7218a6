"""One Postgres server of our own, reachable by TCP on the loopback address with a password."""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import psycopg2
from psycopg2 import sql

from conscope_app.local.account import (
    Account,
    reachable_copy,
    reachable_folder,
    remove_shelter,
    unprivileged_account,
)
from conscope_app.local.artifacts import Artifacts
from conscope_app.local.ports import LOOPBACK, ChoosePort, free_port
from conscope_app.local.server import LocalServer, Ports, StartError

USER = "conscope"
DATABASE = "conscope"

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_min_error_statement": "fatal",
    "lc_messages": "C",
}


class PostgresServer(LocalServer):
    """A Postgres that only this machine can reach, with an empty database `conscope` in it.

    Root starts it as another user, and, where that user cannot get to the folder, keeps the data
    in one of its own under /var/tmp. The password is made once, and only its owner can read it.
    `settings` are added to ours, or take their place.
    """

    name: ClassVar[str] = "Postgres"
    end_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast": ends sessions, then itself
    not_yet: ClassVar[tuple[str, ...]] = (
        # After a SIGKILL, until the last of the killed server's own processes has noticed.
        "is still in use",
        'lock file "postmaster.pid" already exists',
    )

    def __init__(
        self,
        folder: Path,
        artifacts: Artifacts,
        *,
        settings: Mapping[str, str] = MappingProxyType({}),
        environment: Mapping[str, str] = MappingProxyType({}),
        choose_port: ChoosePort = free_port,
        while_waiting: Callable[[], None] = lambda: None,
    ) -> None:
        self._asked_folder = folder
        account = unprivileged_account()
        super().__init__(
            reachable_folder(folder, account),
            account=account,
            environment=environment,
            choose_port=choose_port,
            while_waiting=while_waiting,
        )
        self._settings = {**_SETTINGS, **settings}
        self._bin = reachable_copy(artifacts.postgres, "bin/postgres", account) / "bin"

    @property
    def url(self) -> str:
        """`postgresql+psycopg2://…` of the database `conscope`."""
        return self.url_of(DATABASE)

    @property
    def account(self) -> Account | None:
        """Whom it runs as; None for ourselves."""
        return self._account

    def url_of(self, database: str) -> str:
        """The URL of any database of this server."""
        password = self._password_path.read_text()
        return f"postgresql+psycopg2://{USER}:{password}@{LOOPBACK}:{self.port}/{database}"

    def start(self) -> None:
        """Start it and return when it serves clients and has its database."""
        if self.is_running:
            return
        super().start()
        try:
            self.create_database(DATABASE)
        except BaseException:
            self.stop()
            raise

    def create_database(self, name: str) -> str:
        """Make the database unless it is there; gives its URL."""
        connection = self._connect(self.port)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT FROM pg_database WHERE datname = %s", (name,))
                if cursor.rowcount == 0:
                    cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        finally:
            connection.close()
        return self.url_of(name)

    def remove(self) -> None:
        """Stop it and delete its data."""
        self.stop()
        shutil.rmtree(self._folder)
        remove_shelter(self._asked_folder)

    @property
    def _own_argument(self) -> str:
        return str(self._folder / "data")

    @property
    def _password_path(self) -> Path:
        return self._folder / "password"

    def _prepare(self, ports: Ports) -> None:
        data = Path(self._own_argument)
        if data.exists():
            return
        password = secrets.token_urlsafe(24)
        stage = self._folder / "data.part"
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(mode=0o700)
        handed_over = self._folder / "password.initdb"
        _write_secret(handed_over, password)
        if self._account:
            os.chown(stage, self._account.uid, self._account.gid)
            os.chown(handed_over, self._account.uid, self._account.gid)
        try:
            self._initdb(stage, handed_over)
        finally:
            handed_over.unlink()
        _write_secret(self._password_path, password)
        stage.rename(data)

    def _initdb(self, data: Path, password: Path) -> None:
        command = [str(self._bin / "initdb"), "--pgdata", str(data), "--username", USER]
        command += ["--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8"]
        # The built-in locale sorts alike on every machine; the system's C.UTF-8 may be missing.
        command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        done = subprocess.run(
            command,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            **(self._account.process_options() if self._account else {}),
        )
        if done.returncode:
            raise StartError(f"Postgres could not make its folder:\n{done.stdout}{done.stderr}")

    def _command(self, ports: Ports) -> list[str]:
        command = [str(self._bin / "postgres"), "-D", self._own_argument, "-p", str(ports[0])]
        for name, value in self._settings.items():
            command += ["-c", f"{name}={value}"]
        return command

    def _answers(self, ports: Ports) -> bool:
        try:
            self._connect(ports[0]).close()
        except psycopg2.OperationalError as error:
            # Not listening yet, or still repairing after a crash: both pass. A password that is
            # not ours does not.
            if "authentication failed" in str(error):
                raise StartError(
                    f"{self._folder} holds another server's password: remove it and start again"
                ) from error
            return False
        return True

    def _connect(self, port: int) -> "psycopg2.extensions.connection":
        return psycopg2.connect(
            host=LOOPBACK,
            port=port,
            user=USER,
            password=self._password_path.read_text(),
            dbname="postgres",
            connect_timeout=5,
        )


def _write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read, in one step."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    part.replace(path)
