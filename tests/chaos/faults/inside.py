"""Faults inside workers that live on, all of them at the same time."""

import time
from random import Random

from tests.chaos.inside import faults
from tests.chaos.inside.orders import VARIABLE, Orders, SharedFolder
from tests.chaos.saboteur import MODULE
from tests.chaos.trial import Trial

WORKERS = 2
ENOUGH_WITHIN_S = 300.0

# Those that have to happen so many times, with the mean time between two of them in a worker.
COUNTED = {
    faults.SLAB_DROPPED: 0.7,
    faults.QUEUE_CLEARED: 0.7,
    faults.SEEK: 0.5,
    faults.FETCHER_RESTARTED: 0.7,
    faults.FETCH_OUTLIVES: 0.4,
}

# Those that go along. The last ones each cost a partition, or all of them, some seconds.
OTHERS = {
    faults.FETCH_CANCELLED: 0.7,
    faults.CLAIM_TWICE: 0.7,
    faults.ANSWER_LATE: 2.0,
    faults.POSITION_MOVED: 8.0,
    faults.ANSWER_LOST: 12.0,
    faults.HEARTBEAT_LATE: 40.0,
}


def mixed(trial: Trial, dice: Random, times: int) -> None:
    """Every inner fault at random moments in every worker, until each has happened often enough."""
    folder = trial.folder / "sabotage"
    shared = SharedFolder(folder)
    for number in range(WORKERS):
        name = f"w{number + 1}"
        orders = Orders(str(folder), name, dice.randrange(1 << 30), COUNTED | OTHERS)
        trial.hire(name, module=MODULE, **{VARIABLE: orders.as_text()})
    trial.crew.until_ready()
    trial.stream()
    shared.begin()
    began = time.monotonic()

    def enough() -> bool:
        counts = shared.counts()
        return all(counts.get(fault, 0) >= times for fault in COUNTED)

    trial.until(enough, within_s=ENOUGH_WITHIN_S, what=f"{times} of each inner fault")
    shared.end()
    took_s = time.monotonic() - began
    counts = shared.counts()
    said = ", ".join(f"{fault} {counts.get(fault, 0)}" for fault in COUNTED | OTHERS)
    trial.notes.append(f"inside {WORKERS} workers in {took_s:.0f} s: {said}")
    trial.crew.until_ready()
