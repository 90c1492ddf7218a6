"""The only place that reads the clock; everything else is handed `now`."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 the one place that may ask


def monotonic_s() -> float:
    """Seconds that only grow, for measuring how long something took."""
    return time.monotonic()


@lru_cache(maxsize=64)  # records that came together have the same time of arrival
def from_epoch_ms(milliseconds: int) -> datetime:
    """Kafka's timestamp (milliseconds since 1970) as an aware datetime."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def to_epoch_ms(moment: datetime) -> int:
    """An aware datetime as Kafka's timestamp, in whole milliseconds."""
    return (moment - EPOCH) // timedelta(milliseconds=1)
