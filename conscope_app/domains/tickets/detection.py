"""Which `track` detects: the native kernel's where there is one that writes this version's rows.

What detection means is in `tracking`; the results are the same (docs/decisions/0009).
"""

from conscope_app.core.native import NATIVE, Native, without
from conscope_app.domains.tickets import tracking
from conscope_app.domains.tickets.accelerated import Track, accelerated
from conscope_app.domains.tickets.pricing import LAST_SEEN_FORMAT


def choose(native: Native) -> tuple[Track, Native]:
    """The function, and the kernel that it is of."""
    if native.kernel is None:
        return tracking.track, native
    found = native.kernel.LAST_SEEN_FORMAT
    if found != LAST_SEEN_FORMAT:
        return tracking.track, without(
            f"the native kernel writes another format of rows ({found}, not {LAST_SEEN_FORMAT})"
        )
    return accelerated(native.kernel.fold), native


track, DETECTION = choose(NATIVE)
