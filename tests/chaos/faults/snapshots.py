"""Workers that end between two steps of what becomes of market snapshots."""

from random import Random

from conscope_app.topics.tickets import MARKET_SNAPSHOTS, PROCESSED_MARKETS
from tests.chaos.faults.zombies import begin, spring
from tests.chaos.inside import points
from tests.chaos.trial import Trial

# Of which topic the records are, and where their way is cut off.
KILL_POINTS = (
    (MARKET_SNAPSHOTS.name, points.BEFORE_TRANSACTION),
    (MARKET_SNAPSHOTS.name, points.IN_TRANSACTION),
    (MARKET_SNAPSHOTS.name, points.AFTER_COMMIT),
    (MARKET_SNAPSHOTS.name, points.AFTER_ROCKSDB),
    (PROCESSED_MARKETS.name, points.BEFORE_ROWS_COMMIT),
    (PROCESSED_MARKETS.name, points.AFTER_ROWS_COMMIT),
)

# A partition of snapshots commits a few times a second.
MOST_PASSES = 8


def kill_inside(trial: Trial, dice: Random, times: int) -> None:
    """SIGKILL so many times, each point as often as the others, in an order of chance."""
    shared = begin(trial, dice)
    order: list[tuple[str, str]] = []
    while len(order) < times:
        order += dice.sample(KILL_POINTS, len(KILL_POINTS))
    for topic, point in order[:times]:
        spring(trial, dice, shared, point, deed="kill", most_passes=MOST_PASSES, topic=topic)
        trial.rest(dice, 0.0, 2.0)
    struck = dict.fromkeys(f"{point} ({topic})" for topic, point in order[:times])
    trial.notes.append(f"{times} kills at {len(struck)} points: {', '.join(struck)}")
    trial.crew.until_ready()
