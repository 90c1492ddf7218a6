"""Kafka and Postgres as pinned Maven artifacts, fetched once and kept in a git-ignored folder."""

import hashlib
import json
import platform
import shutil
import subprocess
import tarfile
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from conscope_app.local import prerequisites
from conscope_app.stream.folder_lock import FolderLock

POM = Path(__file__).with_name("pom.xml")
_MARKER = "complete.json"

# How the publisher of the Postgres binaries names the machines that they are built for.
_PLATFORMS = {
    ("Linux", "x86_64"): "linux-amd64",
    ("Linux", "aarch64"): "linux-arm64v8",
    ("Darwin", "x86_64"): "darwin-amd64",
    ("Darwin", "arm64"): "darwin-arm64v8",
}

Say = Callable[[str], None]
Fetch = Callable[[Path, Say], None]


class ArtifactsError(Exception):
    """Kafka and Postgres could not be fetched; the message says why."""


@dataclass(frozen=True)
class Artifacts:
    """Where the unpacked servers are."""

    root: Path

    @property
    def kafka_classpath(self) -> str:
        """What `java -cp` is given to run Kafka."""
        return str(self.root / "kafka" / "*")

    @property
    def postgres(self) -> Path:
        """The folder with `bin`, `lib` and `share`."""
        return self.root / "postgres"


def machine_platform(system: str | None = None, machine: str | None = None) -> str:
    """This machine in the words of the Postgres artifact."""
    wanted = (system or platform.system(), machine or platform.machine())
    if wanted not in _PLATFORMS:
        raise ArtifactsError(
            f"there are no Postgres binaries for {wanted[0]} on {wanted[1]}: "
            "start Kafka and Postgres yourself and set CONSCOPE_KAFKA_URL and CONSCOPE_DATABASE_URL"
        )
    return _PLATFORMS[wanted]


def prepare(folder: Path, say: Say = lambda _: None, fetch: Fetch | None = None) -> Artifacts:
    """Fetch and unpack what is not there yet; what is there and whole is used as it is.

    Safe to call from several processes at once, and after any of them was killed half-way: a
    version becomes visible under its own name only when all of it has been written.
    """
    version = hashlib.sha256(POM.read_bytes() + machine_platform().encode()).hexdigest()[:12]
    final = folder.resolve() / version
    if is_whole(final):
        return Artifacts(final)
    lock = FolderLock(folder)
    lock.await_turn()
    try:
        if not is_whole(final):
            _build(final, say, fetch or fetch_and_unpack)
    finally:
        lock.release()
    return Artifacts(final)


def is_whole(root: Path) -> bool:
    """Whether every file that was unpacked is still there with its size."""
    try:
        sizes: dict[str, int] = json.loads((root / _MARKER).read_text())
        return all((root / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError):
        return False


def _build(final: Path, say: Say, fetch: Fetch) -> None:
    stage = final.with_name(f"{final.name}.part")
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir()
    fetch(stage, say)
    sizes = {str(path.relative_to(stage)): path.stat().st_size for path in _files(stage)}
    (stage / _MARKER).write_text(json.dumps(sizes))
    shutil.rmtree(final, ignore_errors=True)
    stage.rename(final)


def fetch_and_unpack(stage: Path, say: Say) -> None:
    """Let Maven put the pinned artifacts into the folder, and unpack Postgres."""
    prerequisites.require_java()
    maven = prerequisites.require_maven()
    kafka = stage / "kafka"
    _run_maven(maven, kafka, say)
    say("unpacking Postgres")
    for jar in kafka.glob("embedded-postgres-binaries-*.jar"):
        _unpack_postgres(jar, stage / "postgres")
        jar.unlink()
    if not (stage / "postgres" / "bin" / "postgres").exists():
        raise ArtifactsError("the Postgres artifact holds no bin/postgres")


def _run_maven(maven: str, into: Path, say: Say) -> None:
    command = [maven, "--batch-mode", "--file", str(POM), "dependency:copy-dependencies"]
    command += [f"-DoutputDirectory={into}", f"-Dpostgres.platform={machine_platform()}"]
    tail: deque[str] = deque(maxlen=15)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as running:
        try:
            for line in running.stdout or ():
                tail.append(line.rstrip())
                if "Downloading" in line or "Copying" in line:
                    say(_file_named_in(line))
        except BaseException:
            running.kill()
            raise
    if running.returncode:
        shown = "\n".join(tail)
        raise ArtifactsError(f"Maven could not fetch Kafka and Postgres:\n{shown}")


def _file_named_in(line: str) -> str:
    """`kafka-clients-4.1.1.jar` for Maven's line about fetching or copying it."""
    names = [word for word in line.replace("/", " ").split() if word.endswith((".jar", ".pom"))]
    return f"fetching {names[0]}" if names else "fetching"


def _unpack_postgres(jar: Path, into: Path) -> None:
    with zipfile.ZipFile(jar) as archive:
        inner = next(name for name in archive.namelist() if name.endswith(".txz"))
        with archive.open(inner) as packed, tarfile.open(fileobj=packed, mode="r|xz") as files:
            # Pythons before 3.11.4 have no filters; the archive is pinned and trusted either way.
            files.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            files.extractall(into)  # noqa: S202 see the filter above


def _files(root: Path) -> Iterator[Path]:
    return (path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
