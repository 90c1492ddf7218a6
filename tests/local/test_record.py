"""A server's note of itself, and what becomes of a process that an earlier run left behind."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conscope_app.local.record import ServerRecord, arguments_of, stop_leftover

FOREVER = "import signal; print('up', flush=True); signal.pause()"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + FOREVER


def left_behind(mark: str, program: str = FOREVER) -> subprocess.Popen[bytes]:
    """A running process with a mark in its command line."""
    process = subprocess.Popen(
        [sys.executable, "-X", f"mark={mark}", "-c", program], stdout=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdout.readline() == b"up\n"
    process.stdout.close()
    return process


def test_a_record_is_read_back(tmp_path: Path) -> None:
    record = ServerRecord(ports=(20_001, 20_002), pid=17)

    record.write(tmp_path / "server.json")

    assert ServerRecord.read(tmp_path / "server.json") == record
    assert [path.name for path in tmp_path.iterdir()] == ["server.json"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param('{"ports": [200', id="cut off"),
        pytest.param('{"ports": "many", "pid": 1}', id="no numbers"),
        pytest.param("[]", id="something else"),
    ],
)
def test_a_record_that_cannot_be_read_is_as_none(tmp_path: Path, text: str) -> None:
    """The worst that may happen is that new ports are chosen."""
    path = tmp_path / "server.json"
    path.write_text(text)

    assert ServerRecord.read(path) == ServerRecord()


def test_a_missing_record_is_as_none(tmp_path: Path) -> None:
    assert ServerRecord.read(tmp_path / "server.json") == ServerRecord()


def test_a_process_that_was_left_behind_is_ended(tmp_path: Path) -> None:
    process = left_behind(str(tmp_path))

    assert stop_leftover(process.pid, f"mark={tmp_path}", signal.SIGTERM)
    assert process.wait() == -signal.SIGTERM


def test_one_that_does_not_listen_is_killed_after_the_grace_time(tmp_path: Path) -> None:
    process = left_behind(str(tmp_path), DEAF)

    assert stop_leftover(process.pid, f"mark={tmp_path}", signal.SIGTERM, grace_s=0.2)
    assert process.wait() == -signal.SIGKILL


def test_a_process_that_only_has_the_same_number_is_left_alone(tmp_path: Path) -> None:
    """The number in the record may have gone to somebody else long ago."""
    process = left_behind("somebody-else")

    assert not stop_leftover(process.pid, f"mark={tmp_path}", signal.SIGTERM)
    assert process.poll() is None

    process.kill()
    process.wait()


def test_a_process_that_is_gone_has_no_arguments(tmp_path: Path) -> None:
    process = left_behind(str(tmp_path))
    assert f"mark={tmp_path}" in arguments_of(process.pid)
    process.kill()
    process.wait()

    assert arguments_of(process.pid) == []
    assert not stop_leftover(process.pid, f"mark={tmp_path}", signal.SIGTERM)
