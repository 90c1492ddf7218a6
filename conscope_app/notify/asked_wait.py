"""How long a channel asks to be left alone, read from whatever it said."""

import math

# Discord blocks an address for up to an hour; no broken header blocks us for longer than a day.
LONGEST_WAIT_S = 86_400.0


def seconds_of(asked: object) -> float | None:
    """The seconds of a header or a JSON value; None where it holds no sensible number."""
    if isinstance(asked, bool) or not isinstance(asked, int | float | str):
        return None
    try:
        seconds = float(asked)
    except (ValueError, OverflowError):
        return None
    return min(seconds, LONGEST_WAIT_S) if math.isfinite(seconds) and seconds >= 0 else None
