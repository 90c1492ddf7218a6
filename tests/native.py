"""Tests of the native kernel, which is there where cargo is: `make` builds it."""

import pytest

from conscope_app.core.native import NATIVE

needs_native = pytest.mark.skipif(
    NATIVE.kernel is None, reason="the native kernel is not installed: it takes cargo to build it"
)
