"""Pacing: so many records a second, evenly, however busy the machine is."""

BURST_S = 0.05
FORGIVEN_S = 5.0


class Pace:
    """Says how many records are due; `rate` 0 means as fast as possible.

    After a stall the records that were missed are made up for, so that the average holds, but
    never more than 50 ms' worth at once; what lies further back than five seconds is let go.
    """

    def __init__(self, rate: float, now_s: float, *, unpaced_batch: int = 1_000) -> None:
        self._rate = rate
        self._unpaced_batch = unpaced_batch
        self._started_s = now_s
        self._released = 0

    def due(self, now_s: float) -> int:
        """How many records may go now; they count as released."""
        if self._rate == 0:
            return self._unpaced_batch
        behind = (now_s - self._started_s) * self._rate - self._released
        if behind > FORGIVEN_S * self._rate:
            self._started_s = now_s - FORGIVEN_S - self._released / self._rate
            behind = FORGIVEN_S * self._rate
        count = min(int(behind), max(1, int(self._rate * BURST_S)))
        self._released += count
        return count

    def wait_s(self, now_s: float, *, tick_s: float = 0.01) -> float:
        """How long until it is worth asking again."""
        if self._rate == 0:
            return 0.0
        next_at = self._started_s + (self._released + 1) / self._rate
        return min(max(next_at - now_s, tick_s), 1.0)


def parse_duration(text: str) -> float:
    """Seconds of `90`, `90s`, `2m`, `1h` or `2d`; raises ValueError for anything else."""
    unit = text[-1:].lower()
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400}.get(unit)
    number = text if seconds is None else text[:-1]
    if not number.replace(".", "", 1).isdecimal() or not number.isascii():
        raise ValueError(f"{text!r} is no duration: write 90, 90s, 2m, 1h or 2d")
    return float(number) * (seconds or 1)
