"""The Kafka Streams peer: built with Maven once, and again where its sources have changed."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from bench.command import complete
from conscope_app.local import prerequisites
from conscope_app.stream.folder_lock import FolderLock

SOURCES = Path(__file__).parent / "peers" / "kafka_streams"
MAIN_CLASS = "conscope.bench.Peer"
_JAR = "kafka-streams-peer.jar"


def prepare(
    folder: Path, say: Callable[[str], None] = lambda _: None, sources: Path = SOURCES
) -> str:
    """What `java -cp` is given to run the peer.

    Safe to call from several processes at once, and after any of them was killed half-way.
    """
    built = folder.resolve() / _version(sources)
    if not built.exists():
        lock = FolderLock(folder)
        lock.await_turn()
        try:
            if not built.exists():
                say("building the Kafka Streams peer")
                _build(sources, built)
        finally:
            lock.release()
    return f"{built / _JAR}:{built / 'jars'}/*"


def _version(sources: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted([sources / "pom.xml", *sources.rglob("*.java")]):
        digest.update(f"{path.relative_to(sources)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _build(sources: Path, into: Path) -> None:
    stage = into.with_name(f"{into.name}.part")
    shutil.rmtree(stage, ignore_errors=True)
    maven = [prerequisites.require_maven(), "--batch-mode", "--no-transfer-progress"]
    build = ["--file", str(sources / "pom.xml"), f"-Dbench.target={stage}", "package"]
    complete([*maven, *build], "Maven could not build the Kafka Streams peer")
    stage.rename(into)
