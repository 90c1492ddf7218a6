"""What a benchmark runs on: the machine, and the versions of what takes part."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from bench.run import Machine
from bench.servers import ROOT
from conscope_app.core.native import NATIVE, Native
from conscope_app.local import prerequisites

_PACKAGES = ("conscope", "faust-streaming", "aiokafka", "confluent-kafka", "msgspec", "rocksdict")
_PEERS = ("quixstreams",)
_POM = ROOT / "conscope_app" / "local" / "pom.xml"
_KB_A_GB = 1024 * 1024


def this_machine() -> Machine:
    """Processor, cores, memory and system, as Linux tells them."""
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory_kb = int(Path("/proc/meminfo").read_text().split("MemTotal:")[1].split()[0])
    return Machine(
        processor=processor,
        cores=os.cpu_count() or 1,
        memory_gb=round(memory_kb / _KB_A_GB, 1),
        system=f"{platform.system()} {platform.release().partition('-')[0]}",
    )


def versions(peers_python: Path) -> dict[str, str]:
    """Python's, Java's, the servers', and those of the packages that are compared."""
    java = subprocess.run(
        [prerequisites.require_java(), "-version"], capture_output=True, text=True, check=True
    )
    found = {
        "Python": platform.python_version(),
        "Java": java.stderr.split('"')[1],
        **_servers(),
        **{name: version(name) for name in _PACKAGES},
        "conscope's native kernel": _kernel(NATIVE),
    }
    for name in _PEERS:
        asked = f"from importlib.metadata import version; print(version({name!r}))"
        said = subprocess.run(
            [str(peers_python), "-c", asked], capture_output=True, text=True, check=True
        )
        found[name] = said.stdout.strip()
    return found


def _servers() -> dict[str, str]:
    text = _POM.read_text()
    return {
        name: text.partition(f"<{name.lower()}.version>")[2].partition("<")[0]
        for name in ("Kafka", "Postgres")
    }


def _kernel(native: Native) -> str:
    """Its version, where records are worked on by it: it makes most of the rates."""
    return "not used" if native.kernel is None else str(native.kernel.VERSION)


def commit() -> str:
    """The commit that is measured, with a mark where the files differ from it."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude", "*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip() or "unknown"
