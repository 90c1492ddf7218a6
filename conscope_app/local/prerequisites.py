"""What has to be on the machine before anything of ours can run, and how to get what is missing.

Runs as a plain script too, before there is a virtual environment: it uses the standard library
only, and nothing that an older Python could not read.
"""

from __future__ import annotations  # so that an older Python gets as far as saying what it lacks

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

MIN_PYTHON = (3, 11)
MIN_JAVA = 17

_HOW_TO_GET = {
    "python": ("apt-get install python3.11 python3.11-venv", "brew install python@3.11"),
    "java": ("apt-get install openjdk-17-jdk-headless (or a newer one)", "brew install openjdk@17"),
    "mvn": ("apt-get install maven", "brew install maven"),
}

Which = Callable[[str], "str | None"]
VersionOf = Callable[[str], str]


class MissingPrerequisiteError(Exception):
    """Something that only the machine's owner can install; the message says how."""


def version_text(program: str) -> str:
    """What the program prints when it is asked for its version; empty where it cannot run."""
    done = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode == 0 else ""


def require_python(version: Sequence[int] = sys.version_info[:2]) -> None:
    """Refuse a Python that is too old."""
    if tuple(version[:2]) < MIN_PYTHON:
        found = f"{version[0]}.{version[1]}"
        raise MissingPrerequisiteError(
            _sentence("python", f"Python 3.11 or newer; this is {found}")
        )


def require_java(which: Which = shutil.which, version_of: VersionOf = version_text) -> str:
    """The path of a `java` that is new enough for Kafka 4."""
    java = which("java")
    text = version_of(java) if java else ""
    if java is None or not text:
        raise MissingPrerequisiteError(
            _sentence("java", f"a JDK {MIN_JAVA} or newer; there is none")
        )
    major = java_major(text)
    if major is not None and major < MIN_JAVA:
        needed = f"a JDK {MIN_JAVA} or newer; `java` is version {major}"
        raise MissingPrerequisiteError(_sentence("java", needed))
    return java


def require_maven(which: Which = shutil.which) -> str:
    """The path of `mvn`, which fetches Kafka and Postgres."""
    maven = which("mvn")
    if maven is None:
        raise MissingPrerequisiteError(_sentence("mvn", "Maven, to fetch Kafka and Postgres"))
    return maven


def java_major(version_output: str) -> int | None:
    """17 for `openjdk version "17.0.15"`, 8 for the old way of writing it, `"1.8.0_292"`."""
    found = re.search(r'version "(\d+)(?:\.(\d+))?', version_output)
    if found is None:
        return None
    major, minor = found.groups()
    return int(minor) if major == "1" and minor else int(major)


def _sentence(program: str, needed: str) -> str:
    apt, brew = _HOW_TO_GET[program]
    return f"ConScope needs {needed}. Debian and Ubuntu: {apt}. macOS: {brew}."


def main() -> int:
    """Name everything that is missing at once, so that one round of installing is enough."""
    missing = []
    requirements: list[Callable[[], object]] = [require_python, require_java, require_maven]
    for require in requirements:
        try:
            require()
        except MissingPrerequisiteError as error:
            missing.append(str(error))
    for sentence in missing:
        print(sentence, file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
