"""Our own Postgres: started, stopped, killed, and started again where it was."""

import os
import pwd
import re
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import make_url

from conscope_app.local.account import (
    Account,
    reachable_copy,
    reachable_folder,
    remove_shelter,
    unprivileged_account,
)
from conscope_app.local.artifacts import Artifacts
from conscope_app.local.ports import LOOPBACK, free_port
from conscope_app.local.postgres import PostgresServer
from conscope_app.local.record import arguments_of
from conscope_app.local.server import StartError
from conscope_app.stream.folder_lock import FolderInUseError
from tests.local.processes import wait_until

pytestmark = pytest.mark.postgres

ROOT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def server(servers_folder: Path, artifacts: Artifacts) -> Iterator[PostgresServer]:
    """A Postgres of this test's own, not started yet."""
    made = PostgresServer(servers_folder / f"postgres-{os.urandom(4).hex()}", artifacts)
    yield made
    made.remove()


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run one statement; gives its rows."""
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg2.connect(dsn)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_it_serves_as_soon_as_start_returns(server: PostgresServer) -> None:
    server.start()

    assert run(server.url, "SELECT current_database()::text") == [("conscope",)]
    assert run(server.url, "SHOW server_encoding") == [("UTF8",)]
    assert run(server.url, "SHOW listen_addresses") == [(LOOPBACK,)]
    assert run(server.url, "SHOW unix_socket_directories") == [("",)]


def test_after_a_stop_it_is_back_on_its_port_with_its_data(server: PostgresServer) -> None:
    server.start()
    url = server.url
    run(url, "CREATE TABLE kept AS SELECT 1 AS one")

    server.stop()
    assert not server.is_running
    server.start()

    assert server.url == url
    assert run(url, "SELECT one FROM kept") == [(1,)]


def test_after_a_kill_it_is_back_on_its_port_with_its_data(server: PostgresServer) -> None:
    server.start()
    url, pid = server.url, server.pid
    run(url, "CREATE TABLE kept AS SELECT 1 AS one")

    server.kill()
    assert not server.is_running
    with pytest.raises(psycopg2.OperationalError):
        run(url, "SELECT 1")
    server.start()

    assert (server.url, server.pid == pid) == (url, False)
    assert run(url, "SELECT one FROM kept") == [(1,)]


def test_another_object_finds_ports_password_and_data_again(
    server: PostgresServer, artifacts: Artifacts
) -> None:
    """The second `make demo` goes on where the first one was stopped."""
    server.start()
    url = server.url
    server.stop()

    with PostgresServer(server.log.parent, artifacts) as again:
        assert again.url == url
        assert run(url, "SELECT 1") == [(1,)]


def test_a_port_that_was_taken_meanwhile_is_replaced(
    server: PostgresServer, artifacts: Artifacts
) -> None:
    server.start()
    port = server.port
    server.stop()

    with (
        socket.create_server((LOOPBACK, port)),
        PostgresServer(server.log.parent, artifacts) as again,
    ):
        assert again.port != port
        assert run(again.url, "SELECT 1") == [(1,)]


def test_where_somebody_is_quicker_it_tries_another_port(
    servers_folder: Path, artifacts: Artifacts
) -> None:
    """Between choosing a port and listening on it there is a moment."""
    with socket.create_server((LOOPBACK, 0)) as quicker:
        choices = iter([quicker.getsockname()[1], free_port()])
        folder = servers_folder / "postgres-raced"
        server = PostgresServer(folder, artifacts, choose_port=lambda: next(choices))
        with server:
            assert server.port != quicker.getsockname()[1]
            assert run(server.url, "SELECT 1") == [(1,)]
    server.remove()


def test_the_password_is_needed_and_only_its_owner_can_read_it(server: PostgresServer) -> None:
    server.start()
    secret = server.log.parent / "password"
    without = re.sub(r":[^:@]+@", ":wrong@", server.url)

    with pytest.raises(psycopg2.OperationalError, match="authentication failed"):
        run(without, "SELECT 1")
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert secret.read_text() not in " ".join(arguments_of(server.pid))


def test_a_second_run_on_the_same_folder_is_refused(
    server: PostgresServer, artifacts: Artifacts
) -> None:
    server.start()

    with pytest.raises(FolderInUseError):
        PostgresServer(server.log.parent, artifacts).start()
    assert run(server.url, "SELECT 1") == [(1,)]


def test_a_failed_start_shows_the_end_of_the_log(server: PostgresServer) -> None:
    server.start()
    server.stop()
    (server.log.parent / "data" / "postgresql.conf").write_text("nonsense = on\n")

    with pytest.raises(StartError, match='unrecognized configuration parameter "nonsense"'):
        server.start()
    assert not server.is_running


def test_a_server_left_by_a_killed_run_is_replaced(
    server: PostgresServer, artifacts: Artifacts
) -> None:
    """Both the run and its lifelines were killed: only the note of the process is left."""
    folder = server.log.parent
    starter = f"""
import signal
from pathlib import Path
from conscope_app.local.artifacts import Artifacts
from conscope_app.local.postgres import PostgresServer
server = PostgresServer(Path({str(folder)!r}), Artifacts(Path({str(artifacts.root)!r})))
server.start()
print(server.pid, server._child._lifeline.pid, flush=True)
signal.pause()
"""
    with subprocess.Popen(
        [sys.executable, "-c", starter], stdout=subprocess.PIPE, cwd=ROOT
    ) as killed:
        assert killed.stdout
        pid, lifeline = map(int, killed.stdout.readline().split())
        os.kill(lifeline, 9)
        killed.kill()
        killed.wait()
        assert str(folder / "data") in arguments_of(pid)

        server.start()

        wait_until(lambda: str(folder / "data") not in arguments_of(pid))
        assert run(server.url, "SELECT 1") == [(1,)]


@as_root
def test_root_starts_it_as_somebody_else(server: PostgresServer) -> None:
    server.start()

    assert server.account
    assert server.account.uid != 0
    assert Path(f"/proc/{server.pid}").stat().st_uid == server.account.uid


@as_root
def test_root_may_start_it_under_a_folder_that_only_root_can_enter(
    tmp_path: Path, artifacts: Artifacts
) -> None:
    """As in a checkout under /root; no permission is widened for it."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    copied = private / "artifacts"
    subprocess.run(["cp", "-a", str(artifacts.root), str(copied)], check=True)
    server = PostgresServer(private / "postgres", Artifacts(copied))
    try:
        with server:
            assert run(server.url, "SELECT 1") == [(1,)]
            assert stat.S_IMODE(private.stat().st_mode) == 0o700
            assert str(tmp_path) not in " ".join(arguments_of(server.pid))
    finally:
        server.remove()
        remove_shelter(copied / "postgres")


@as_root
def test_a_folder_that_can_be_entered_is_used_as_it_is(
    servers_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is named from the present folder, as `make demo` does."""
    monkeypatch.chdir(servers_folder)

    found = reachable_folder(Path("open"), unprivileged_account())

    assert found == servers_folder / "open"


@as_root
def test_an_ordinary_user_starts_it_directly(servers_folder: Path, artifacts: Artifacts) -> None:
    """The same code in a process that may not become anybody else."""
    nobody = pwd.getpwnam("nobody")
    account = Account(nobody.pw_name, nobody.pw_uid, nobody.pw_gid)
    binaries = reachable_copy(artifacts.postgres, "bin/postgres", account)
    home = servers_folder / "nobody"
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    # Imports come first: this Python itself may lie where only root can read it.
    program = f"""
import os
from pathlib import Path
from conscope_app.local.artifacts import Artifacts
from conscope_app.local.postgres import PostgresServer
os.setgroups([])
os.setgid({nobody.pw_gid})
os.setuid({nobody.pw_uid})
artifacts = Artifacts(Path({str(binaries.parent)!r}))
with PostgresServer(Path({str(home / "postgres")!r}), artifacts) as server:
    print(server.account, Path(f"/proc/{{server.pid}}").stat().st_uid == os.getuid())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.stderr) == ("None True\n", "")


@as_root
def test_several_may_need_the_same_copy_at_the_same_time(
    tmp_path: Path, artifacts: Artifacts
) -> None:
    """As the deployments of a first `make chaos` do: whoever is first makes it for all."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(artifacts.postgres, closed / "postgres", symlinks=True)
    account = unprivileged_account()
    assert account is not None
    try:
        with ThreadPoolExecutor(3) as pool:
            asked = [
                pool.submit(reachable_copy, closed / "postgres", "bin/postgres", account)
                for _ in range(3)
            ]
            (copy,) = {each.result() for each in asked}

        assert account.can_enter(copy / "bin" / "postgres")
        assert [path.name for path in copy.parent.iterdir()] == ["postgres"]
    finally:
        remove_shelter(closed / "postgres")


@as_root
def test_a_shelter_that_somebody_else_made_is_refused(tmp_path: Path) -> None:
    """Anybody may make a folder in /var/tmp, and root must not run programs from it."""
    nobody = pwd.getpwnam("nobody")
    account = Account(nobody.pw_name, nobody.pw_uid, nobody.pw_gid)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    shelter = reachable_folder(closed, account)
    os.chown(shelter, nobody.pw_uid, nobody.pw_gid)
    try:
        with pytest.raises(Exception, match="belongs to somebody else"):
            reachable_folder(closed, account)
    finally:
        remove_shelter(closed)
