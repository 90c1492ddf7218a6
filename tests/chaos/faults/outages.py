"""Kafka, killed and started again after a while."""

import time
from random import Random

from tests.chaos.trial import Trial

RECOVERED_WITHIN_S = 120.0


def kafka_for_seconds(trial: Trial, dice: Random, times: int) -> None:
    """SIGKILL the broker; 5 s later it comes back."""
    _kafka_away(trial, dice, times, for_s=5.0)


def kafka_for_minutes(trial: Trial, dice: Random, times: int) -> None:
    """SIGKILL the broker; 100 s later it comes back: longer than any session or request."""
    _kafka_away(trial, dice, times, for_s=100.0)


def _kafka_away(trial: Trial, dice: Random, times: int, *, for_s: float) -> None:
    trial.begin(2)
    for _ in range(times):
        trial.rest(dice, 1.0, 4.0)
        trial.kafka.kill()
        time.sleep(for_s)
        trial.kafka.start()
        trial.until(
            lambda: all(worker.get("/health/ready") for worker in trial.crew.members),
            within_s=RECOVERED_WITHIN_S,
            what=f"all workers ready again after {for_s:.0f} s without Kafka",
        )
