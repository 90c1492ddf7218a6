"""Whether the native kernel is used: only one of this version, and Python where there is none."""

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from conscope_app.core.native import NATIVE_VERSION, choose


def a_kernel(version: int = NATIVE_VERSION) -> Any:
    """What `import conscope_native` would give."""
    return SimpleNamespace(VERSION=version)


def test_a_kernel_of_this_version_is_used() -> None:
    chosen = choose(a_kernel)

    assert chosen.kernel.VERSION == NATIVE_VERSION
    assert chosen.level == logging.INFO


def test_who_has_none_is_not_warned() -> None:
    """Who has no Rust installs ConScope all the same."""

    def missing() -> Any:
        raise ModuleNotFoundError("No module named 'conscope_native'")

    chosen = choose(missing)

    assert chosen.kernel is None
    assert chosen.level == logging.INFO


@pytest.mark.parametrize(
    "kernel",
    [
        pytest.param(a_kernel(NATIVE_VERSION - 1), id="older"),
        pytest.param(a_kernel(NATIVE_VERSION + 1), id="newer"),
        pytest.param(SimpleNamespace(), id="something else by that name"),
    ],
)
def test_one_of_another_version_is_left_alone(kernel: Any) -> None:
    """It might do what this version does not; the log says how to get the right one."""
    chosen = choose(lambda: kernel)

    assert chosen.kernel is None
    assert chosen.level == logging.WARNING
    assert "pip install --force-reinstall ./native" in chosen.said


def test_one_that_cannot_be_loaded_is_told() -> None:
    """A library of another machine, for example."""

    def broken() -> Any:
        raise ImportError("wrong ELF class")

    chosen = choose(broken)

    assert chosen.kernel is None
    assert chosen.level == logging.WARNING
    assert "wrong ELF class" in chosen.said
