"""Fetched servers are used again, and what is half-finished never looks finished."""

import threading
from pathlib import Path

import pytest

from conscope_app.local.artifacts import (
    ArtifactsError,
    Say,
    is_whole,
    machine_platform,
    prepare,
)


class Fetching:
    """Stands where Maven does: writes two files, or breaks between them."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.times = 0
        self.breaks = breaks

    def __call__(self, stage: Path, say: Say) -> None:
        self.times += 1
        (stage / "kafka").mkdir()
        (stage / "kafka" / "kafka.jar").write_bytes(b"first")
        say("fetching kafka.jar")
        if self.breaks:
            raise ArtifactsError("the network went away")
        (stage / "kafka" / "clients.jar").write_bytes(b"second")


def test_the_second_time_nothing_is_fetched(tmp_path: Path) -> None:
    fetch = Fetching()

    first = prepare(tmp_path, fetch=fetch)
    second = prepare(tmp_path, fetch=fetch)

    assert fetch.times == 1
    assert second == first
    assert first.kafka_classpath == str(first.root / "kafka" / "*")


def test_a_broken_fetch_leaves_nothing_that_looks_finished(tmp_path: Path) -> None:
    with pytest.raises(ArtifactsError, match="network"):
        prepare(tmp_path, fetch=Fetching(breaks=True))
    again = Fetching()

    artifacts = prepare(tmp_path, fetch=again)

    assert again.times == 1
    assert sorted(path.name for path in (artifacts.root / "kafka").iterdir()) == [
        "clients.jar",
        "kafka.jar",
    ]


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda root: (root / "complete.json").unlink(), id="no marker"),
        pytest.param(lambda root: (root / "complete.json").write_text("{"), id="half a marker"),
        pytest.param(lambda root: (root / "kafka/kafka.jar").unlink(), id="a file is gone"),
        pytest.param(lambda root: (root / "kafka/kafka.jar").write_bytes(b""), id="a file is cut"),
    ],
)
def test_a_damaged_folder_is_fetched_anew(tmp_path: Path, harm: object) -> None:
    assert callable(harm)
    fetch = Fetching()
    artifacts = prepare(tmp_path, fetch=fetch)
    harm(artifacts.root)
    assert not is_whole(artifacts.root)

    prepare(tmp_path, fetch=fetch)

    assert fetch.times == 2
    assert is_whole(artifacts.root)


def test_two_that_start_at_once_fetch_once(tmp_path: Path) -> None:
    entered, leave = threading.Event(), threading.Event()
    fetch = Fetching()

    def slow(stage: Path, say: Say) -> None:
        entered.set()
        assert leave.wait(10)
        fetch(stage, say)

    first = threading.Thread(target=prepare, args=(tmp_path,), kwargs={"fetch": slow})
    second = threading.Thread(target=prepare, args=(tmp_path,), kwargs={"fetch": fetch})
    first.start()
    assert entered.wait(10)
    second.start()
    leave.set()
    first.join(10)
    second.join(10)

    assert fetch.times == 1


def test_a_machine_without_binaries_is_told_what_it_can_do() -> None:
    with pytest.raises(ArtifactsError, match="CONSCOPE_KAFKA_URL and CONSCOPE_DATABASE_URL"):
        machine_platform("Linux", "riscv64")


@pytest.mark.parametrize(
    ("system", "machine", "expected"),
    [
        pytest.param("Linux", "x86_64", "linux-amd64", id="Linux on Intel"),
        pytest.param("Linux", "aarch64", "linux-arm64v8", id="Linux on ARM"),
        pytest.param("Darwin", "arm64", "darwin-arm64v8", id="Apple silicon"),
    ],
)
def test_the_binaries_are_those_of_this_machine(system: str, machine: str, expected: str) -> None:
    assert machine_platform(system, machine) == expected
