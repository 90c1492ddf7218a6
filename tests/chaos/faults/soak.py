"""Hours of everything, in one deployment: kills, stops, freezes, outages, one after the other."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.broker.pipeline import Worker
from tests.chaos.trial import Trial

WORKERS = 3
PAUSE_S = (10.0, 40.0)
FROZEN_S = (1.0, 20.0)
AWAY_S = (1.0, 20.0)
FAILING_S = 20.0

# A worker's memory may not grow with the records that it has seen. What it takes differs between
# workers by what they own; a leak of one object a record would be far beyond this.
GROWTH = 1.5
MEGABYTE = 1 << 20


def soak(trial: Trial, dice: Random, times: int) -> None:
    """For `times` seconds, a random fault after each pause."""
    trial.begin(WORKERS)
    until = time.monotonic() + times
    struck: Counter[str] = Counter()
    settled = _largest(trial)
    while time.monotonic() < until:
        trial.rest(dice, *PAUSE_S)
        fault = dice.choice(FAULTS)
        struck[fault.__name__.replace("_", " ").strip()] += 1
        fault(trial, dice)
        settled = max(settled, _largest(trial)) if struck.total() < len(FAULTS) else settled
    trial.struck = struck.total()
    trial.crew.until_ready()
    largest = _largest(trial)
    trial.notes.append(", ".join(f"{count} × {name}" for name, count in sorted(struck.items())))
    trial.notes.append(
        f"the largest worker had {settled // MEGABYTE} MB in the beginning and "
        f"{largest // MEGABYTE} MB at the end"
    )
    trial.demand(largest < settled * GROWTH, "a worker's memory grew with what it had seen")


def _kill(trial: Trial, dice: Random) -> None:
    trial.crew.kill(dice.choice(trial.crew.members), killed=trial.cut)


def _kill_and_wipe(trial: Trial, dice: Random) -> None:
    trial.crew.kill(dice.choice(trial.crew.members), wipe=True, killed=trial.cut)


def _terminate(trial: Trial, dice: Random) -> None:
    trial.crew.until_ready()
    worker = dice.choice(trial.crew.members)
    code = trial.crew.stop(worker)
    trial.demand(code == 0, f"{worker.name} ended with {code} on SIGTERM")
    trial.crew.hire(worker)


def _freeze(trial: Trial, dice: Random) -> None:
    worker = dice.choice(trial.crew.members)
    worker.freeze()
    trial.cut()
    trial.rest(dice, *FROZEN_S)
    worker.thaw()
    trial.cut()


def _kill_kafka(trial: Trial, dice: Random) -> None:
    trial.kafka.kill()
    trial.rest(dice, *AWAY_S)
    trial.kafka.start()


def _kill_postgres(trial: Trial, dice: Random) -> None:
    trial.postgres.kill()
    trial.cut()
    trial.rest(dice, *AWAY_S)
    trial.postgres.start()


def _discord_fails(trial: Trial, dice: Random) -> None:
    trial.discord.now_and_then({"busy": 0.2, "error": 0.2, "bad gateway": 0.2})
    time.sleep(FAILING_S)
    trial.discord.now_and_then({})


FAULTS: tuple[Callable[[Trial, Random], None], ...] = (
    _kill,
    _kill_and_wipe,
    _terminate,
    _freeze,
    _kill_kafka,
    _kill_postgres,
    _discord_fails,
)


def _largest(trial: Trial) -> int:
    """The memory of the largest worker, in bytes."""
    return max((_resident(worker) for worker in trial.crew.members), default=0)


def _resident(worker: Worker) -> int:
    try:
        status = Path(f"/proc/{worker.process.pid}/status").read_text()
    except FileNotFoundError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
