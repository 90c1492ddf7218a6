"""What is missing is named, with the way to get it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conscope_app.local import prerequisites
from conscope_app.local.prerequisites import (
    MissingPrerequisiteError,
    java_major,
    require_java,
    require_maven,
    require_python,
)

JDK_17 = 'openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment (build 17.0.15+6)'


def installed(*programs: str) -> Callable[[str], str | None]:
    """A `which` that finds only these programs."""
    return lambda program: f"/usr/bin/{program}" if program in programs else None


@pytest.mark.parametrize(
    ("printed", "major"),
    [
        pytest.param(JDK_17, 17, id="OpenJDK"),
        pytest.param('java version "1.8.0_292"', 8, id="the old way of counting"),
        pytest.param('openjdk version "26-ea" 2026-03-17', 26, id="early access"),
        pytest.param('openjdk version "21" 2023-09-19', 21, id="first release"),
        pytest.param("GNU libgcj", None, id="something else"),
    ],
)
def test_java_says_its_version_in_several_ways(printed: str, major: int | None) -> None:
    assert java_major(printed) == major


def test_a_new_enough_java_is_taken() -> None:
    assert require_java(installed("java"), lambda _: JDK_17) == "/usr/bin/java"


def test_a_missing_java_is_named_with_the_way_to_get_it() -> None:
    with pytest.raises(MissingPrerequisiteError) as refused:
        require_java(installed(), lambda _: JDK_17)

    assert "JDK 17 or newer; there is none" in str(refused.value)
    assert "apt-get install openjdk-17-jdk-headless" in str(refused.value)
    assert "brew install openjdk@17" in str(refused.value)


def test_a_java_that_cannot_run_counts_as_missing() -> None:
    """macOS has a `java` that only says that there is none."""
    with pytest.raises(MissingPrerequisiteError, match="there is none"):
        require_java(installed("java"), lambda _: "")


def test_an_old_java_is_refused_with_its_version() -> None:
    with pytest.raises(MissingPrerequisiteError, match="`java` is version 11"):
        require_java(installed("java"), lambda _: 'openjdk version "11.0.2" 2019-01-15')


def test_a_jdk_without_maven_is_told_about_maven() -> None:
    with pytest.raises(MissingPrerequisiteError, match=r"needs Maven.*apt-get install maven"):
        require_maven(installed("java"))


def test_an_old_python_is_refused_with_its_version() -> None:
    with pytest.raises(MissingPrerequisiteError, match=r"Python 3\.11 or newer; this is 3\.9"):
        require_python((3, 9))


def test_as_a_script_it_names_everything_that_is_missing_at_once(tmp_path: Path) -> None:
    """`make` runs it before there is a virtual environment, with any Python that is there."""
    done = subprocess.run(
        [sys.executable, "-I", prerequisites.__file__],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "JDK" in done.stderr
    assert "Maven" in done.stderr
    assert "Traceback" not in done.stderr
