"""Workers, servers and the channel at fault while people watch."""

import time
from random import Random

from tests.chaos.faults.outages import RECOVERED_WITHIN_S
from tests.chaos.faults.zombies import begin, spring
from tests.chaos.inside import watch_points
from tests.chaos.trial import Trial
from tests.discord_behaviours import Behaviour

KILL_POINTS = (watch_points.NOT_QUEUED, watch_points.NOT_POSTED, watch_points.NOT_NOTED)

# A point is passed some times a second, and only by the worker that has the channel.
MOST_PASSES = 8

KAFKA_AWAY_S = 5.0
POSTGRES_AWAY_S = (1.0, 4.0)
CHANCES: dict[Behaviour, float] = {"busy": 0.15, "error": 0.08, "bad gateway": 0.07}


def kill_inside(trial: Trial, dice: Random, times: int) -> None:
    """SIGKILL at each point on the way of a decision to a person, so many times each."""
    shared = begin(trial, dice)
    order = list(KILL_POINTS) * times
    dice.shuffle(order)
    for point in order:
        spring(trial, dice, shared, point, deed="kill", most_passes=MOST_PASSES)
        trial.rest(dice, 0.0, 2.0)
    trial.notes.append(f"{times} at each of {len(KILL_POINTS)} points: {', '.join(KILL_POINTS)}")
    trial.crew.until_ready()


def outages(trial: Trial, dice: Random, times: int) -> None:
    """Postgres killed, Kafka killed for 5 s, and a channel that refuses a third of all requests."""
    trial.begin(2)
    trial.discord.now_and_then(CHANCES)
    for _ in range(times):
        outages_ = [_postgres_away, _kafka_away]
        dice.shuffle(outages_)
        for outage in outages_:
            trial.rest(dice, 2.0, 5.0)
            outage(trial, dice)
            trial.until(
                lambda: all(worker.get("/health/ready") for worker in trial.crew.members),
                within_s=RECOVERED_WITHIN_S,
                what="all workers ready again",
            )
    trial.rest(dice, 2.0, 5.0)
    trial.discord.now_and_then({})
    struck = {name: trial.discord.behaviours.count(name) for name in CHANCES}
    trial.demand(all(struck.values()), f"no request met one of {struck}")
    trial.notes.append(", ".join(f"{count} × {name}" for name, count in struck.items()))


def _postgres_away(trial: Trial, dice: Random) -> None:
    trial.postgres.kill()
    trial.cut()
    trial.rest(dice, *POSTGRES_AWAY_S)
    trial.postgres.start()


def _kafka_away(trial: Trial, dice: Random) -> None:
    trial.kafka.kill()
    time.sleep(KAFKA_AWAY_S)
    trial.kafka.start()
