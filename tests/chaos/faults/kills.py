"""Workers that end: by SIGKILL, with and without their data directory, and by SIGTERM."""

from random import Random

from tests.chaos.trial import Trial

STOP_WITHIN_S = 30.0
WORKERS = 2


def kill(trial: Trial, dice: Random, times: int) -> None:
    """SIGKILL one worker after the other; the supervisor starts it on its old data."""
    _kill(trial, dice, times, wipe=False)


def kill_and_wipe(trial: Trial, dice: Random, times: int) -> None:
    """SIGKILL a worker and remove its data directory before it is started again."""
    _kill(trial, dice, times, wipe=True)


def _kill(trial: Trial, dice: Random, times: int, *, wipe: bool) -> None:
    trial.begin(WORKERS)
    for _ in range(times):
        # Sometimes while the last one is still coming back, sometimes well after it.
        trial.rest(dice, 1.0, 9.0)
        trial.crew.kill(dice.choice(trial.crew.members), wipe=wipe, killed=trial.cut)
    trial.crew.until_ready()


def terminate(trial: Trial, dice: Random, times: int) -> None:
    """SIGTERM under load: exit code 0 within 30 s, and nothing doubled anywhere."""
    trial.begin(WORKERS)
    for _ in range(times):
        trial.rest(dice, 1.0, 6.0)
        worker = dice.choice(trial.crew.members)
        code = trial.crew.stop(worker)
        trial.demand(code == 0, f"{worker.name} ended with {code} on SIGTERM")
        trial.crew.hire(worker)
        trial.crew.until_ready()
