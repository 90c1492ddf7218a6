"""A data directory among real processes."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conscope_app.local.ports import free_port
from conscope_app.stream import data_directory
from conscope_app.stream.data_directory import DataDirectory
from conscope_app.stream.ending import EXIT_STAY_DOWN
from conscope_app.stream.folder_lock import FolderInUseError
from tests.local.processes import wait_until

ROOT = Path(__file__).parents[2]
HOLD = """
import signal, sys
from pathlib import Path
from conscope_app.stream.data_directory import DataDirectory
print(DataDirectory(Path(sys.argv[1])).hold(), flush=True)
signal.pause()
"""


@contextmanager
def holder(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process that holds the folder, and the name it got; killed in the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()
            process.wait()


def name_of(folder: Path) -> str:
    """The name that the next process is given."""
    with holder(folder) as (_, name):
        return name


def test_processes_after_one_another_are_given_the_same_name(tmp_path: Path) -> None:
    """Each was killed; the folder and its parents are made by the first."""
    folder = tmp_path / "far" / "down"

    names = {name_of(folder) for _ in range(3)}

    assert len(names) == 1
    assert names != {""}


def test_a_living_holder_is_not_disturbed_and_a_stopped_one_lives(tmp_path: Path) -> None:
    """Another gets in as soon as it is dead, not when it stands still."""
    with holder(tmp_path) as (process, _):
        with pytest.raises(FolderInUseError):
            DataDirectory(tmp_path).hold()
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(FolderInUseError):
            DataDirectory(tmp_path).hold()

    assert name_of(tmp_path)


def test_two_folders_have_two_names(tmp_path: Path) -> None:
    assert name_of(tmp_path / "a") != name_of(tmp_path / "b")


def test_a_copy_has_a_name_of_its_own(tmp_path: Path) -> None:
    """Its original may be alive; the original keeps its name."""
    original = name_of(tmp_path / "original")
    shutil.copytree(tmp_path / "original", tmp_path / "copy")
    copied = name_of(tmp_path / "copy")

    assert copied != original
    assert name_of(tmp_path / "copy") == copied
    assert name_of(tmp_path / "original") == original


def test_a_folder_that_was_wiped_has_another_name(tmp_path: Path) -> None:
    before = name_of(tmp_path / "data")
    shutil.rmtree(tmp_path / "data")

    assert name_of(tmp_path / "data") != before


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"only a name", id="without its place"),
        pytest.param(b"\n\n", id="blank"),
        pytest.param(b"\xff\xfe\x00", id="garbage"),
    ],
)
def test_a_name_that_cannot_be_read_is_replaced(tmp_path: Path, content: bytes) -> None:
    """And kept from then on."""
    before = name_of(tmp_path)
    (tmp_path / "holder").write_bytes(content)
    after = name_of(tmp_path)

    assert after
    assert after != before
    assert name_of(tmp_path) == after


def test_a_machine_that_was_started_anew_gives_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As does another machine: a lock of there is no lock of here."""
    before = name_of(tmp_path / "data")
    boot = tmp_path / "boot_id"
    boot.write_text("another\n")
    monkeypatch.setattr(data_directory, "_BOOT", boot)

    assert DataDirectory(tmp_path / "data").hold() != before


def test_a_worker_refuses_the_data_directory_of_another(tmp_path: Path) -> None:
    """Before it opens anything: not even the web port, which is taken as well, is spoken of."""
    data = tmp_path / "data"
    environment = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 what a shell would hand over
        if not name.startswith("CONSCOPE_")
    } | {
        "CONSCOPE_KAFKA_URL": "kafka://127.0.0.1:1",
        "CONSCOPE_DATA_DIR": str(data),
        "CONSCOPE_WEB_PORT": str(free_port()),
    }
    command = [sys.executable, "-m", "faust", "-A", "conscope_app", "worker"]
    with (tmp_path / "first.log").open("wb") as log:
        first = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        wait_until((data / "holder").exists)
        second = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
        )
        assert first.poll() is None
    finally:
        first.kill()
        first.wait()

    assert second.returncode == EXIT_STAY_DOWN
    assert second.stderr.splitlines()[-1] == (
        f"conscope: the data directory {data} is in use by another process, living or stopped: "
        "each worker needs its own, CONSCOPE_DATA_DIR"
    )
    assert "Address already in use" not in second.stderr
