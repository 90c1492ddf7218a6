"""The native kernel: what is done once a record, in Rust, where that is installed and fits.

The choice is made here and nowhere else, once, when this module is imported. What the kernel does
is defined in Python, which does it where there is no kernel; the results are the same
(docs/decisions/0009).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

# Counted up, here and in native/src/lib.rs, with every change of what the kernel takes or gives.
NATIVE_VERSION = 3

_CURE = "build it again: pip install --force-reinstall ./native"


@dataclass(frozen=True)
class Native:
    """The module `conscope_native`, None where it is not used; why, and how urgent that is."""

    kernel: Any
    said: str
    level: int = logging.INFO


def choose(load: Callable[[], ModuleType]) -> Native:
    """The kernel that `load` imports, if it is of this version."""
    try:
        kernel = load()
        version = kernel.VERSION
    except ModuleNotFoundError:
        return Native(None, "records are worked on in Python: no native kernel is installed")
    except (ImportError, AttributeError) as error:
        return without(f"the native kernel cannot be used ({error})")
    if version != NATIVE_VERSION:
        return without(f"the native kernel is of another version ({version}, not {NATIVE_VERSION})")
    return Native(kernel, "records are worked on by the native kernel")


def without(trouble: str) -> Native:
    """A kernel that is there, and not to be used."""
    said = f"{trouble}: records are worked on in Python, with the same results and slower; {_CURE}"
    return Native(None, said, logging.WARNING)


def _installed() -> ModuleType:
    import conscope_native

    return conscope_native


NATIVE = choose(_installed)
