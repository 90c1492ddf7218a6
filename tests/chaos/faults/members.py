"""Workers that come, go, and come back when they should not."""

import time
from functools import partial
from random import Random

from tests.broker.pipeline import SESSION_S
from tests.chaos.trial import Trial

SPREAD_WITHIN_S = 60.0
FROZEN_S = 20.0


def scale(trial: Trial, dice: Random, times: int) -> None:
    """One worker, three, and one again, each time another one that stays."""
    trial.begin(1)
    for round_ in range(times):
        more = [trial.hire(f"r{round_}-{number}") for number in (1, 2)]
        everybody = trial.crew.members
        trial.crew.until_ready()
        trial.until(
            partial(_all_own, trial, {worker.port for worker in everybody}),
            within_s=SPREAD_WITHIN_S,
            what="every worker with partitions of its own",
        )
        trial.rest(dice, 1.0, 4.0)
        leaving = dice.sample([*everybody[:1], *more], 2)
        for worker in leaving:
            code = trial.crew.stop(worker)
            trial.demand(code == 0, f"{worker.name} ended with {code} on SIGTERM")
            trial.rest(dice, 0.0, 2.0)
        trial.crew.until_ready()


def freeze(trial: Trial, dice: Random, times: int) -> None:
    """SIGSTOP for 20 s, past the session: others take over; then SIGCONT."""
    trial.begin(2)
    for _ in range(times):
        trial.rest(dice, 0.5, 3.0)
        zombie = dice.choice(trial.crew.members)
        zombie.freeze()
        trial.cut()
        time.sleep(FROZEN_S)  # the stop has to last longer than the session: that is the fault
        zombie.thaw()
        trial.cut()
        trial.rest(dice, SESSION_S / 2, SESSION_S)
    trial.crew.until_ready()


def _all_own(trial: Trial, ports: set[int]) -> bool:
    """Whether just the workers on these web ports own partitions of raw_prices."""
    stats = trial.stats()
    if stats is None:
        return False
    feeds = {feed["agent"]: feed for feed in stats["feeds"]}
    owners = {part["worker"] for part in feeds["track_prices"]["partitions"]}
    return {int(owner.rpartition(":")[2]) for owner in owners if owner} == ports
