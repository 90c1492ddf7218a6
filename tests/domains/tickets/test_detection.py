"""Which `track` is taken: the native kernel's only where it writes this version's rows."""

import logging
from types import SimpleNamespace

from conscope_app.core.native import Native
from conscope_app.domains.tickets import tracking
from conscope_app.domains.tickets.detection import choose
from conscope_app.domains.tickets.pricing import LAST_SEEN_FORMAT


def a_kernel(row_format: int) -> Native:
    """One that writes rows in this format."""
    return Native(SimpleNamespace(LAST_SEEN_FORMAT=row_format, fold=print), "it is used")


def test_a_kernel_that_writes_our_rows_is_used() -> None:
    native = a_kernel(LAST_SEEN_FORMAT)

    track, detection = choose(native)

    assert track is not tracking.track
    assert detection is native


def test_without_one_python_does_it() -> None:
    """The log says why, as it was found out before."""
    none = Native(None, "there is none")

    assert choose(none) == (tracking.track, none)


def test_one_with_another_format_of_rows_is_left_alone() -> None:
    """It would write what this version does not; the log says how to get the right one."""
    track, detection = choose(a_kernel(LAST_SEEN_FORMAT + 1))

    assert track is tracking.track
    assert detection.level == logging.WARNING
    assert "pip install --force-reinstall ./native" in detection.said
