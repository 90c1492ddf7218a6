"""A clock for tests."""

from datetime import datetime, timedelta

from tests.notify.alerts import NOON


class MovedClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        self.now += by

    def seconds(self) -> float:
        """The same clock as a monotonic one."""
        return self.now.timestamp()
