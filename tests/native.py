"""Tests of the native kernel, which is there where cargo is: `make` builds it."""

import pytest

from conscope_app.core.native import NATIVE

needs_native = pytest.mark.skipif(
    NATIVE.kernel is None, reason="the native kernel is not installed: it takes cargo to build it"
)

# For what is done either way: each of them is handed to it.
KERNELS = [
    pytest.param(None, id="python"),
    pytest.param(NATIVE.kernel, id="native", marks=needs_native),
]
