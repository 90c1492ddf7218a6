"""Three brokers, three copies: leaders killed, and every broker restarted, in order and not."""

import asyncio
from collections.abc import Callable
from random import Random

from conscope_app.kafka.brokers import Brokers
from conscope_app.topics.create import check_topics
from conscope_app.topics.tickets import RAW_PRICES
from tests.chaos.kafka_cluster import NODES
from tests.chaos.trial import Trial

WORKERS = 2
GROUPS = ("conscope", "conscope-storage", "conscope-alerts")
HEIR_WITHIN_S = 60.0
GOES_ON_WITHIN_S = 90.0


def kill_leaders(trial: Trial, dice: Random, times: int) -> None:
    """SIGKILL whoever leads a partition of raw_prices, the transactions, a group; and again."""
    trial.begin(WORKERS)
    _demand_safe_topics(trial)
    for round_ in range(times):
        trial.rest(dice, 1.0, 4.0)
        duty, leads = _duty(trial, dice, round_)
        leader = leads()
        trial.cluster.kill(leader)
        _until_taken_over(trial, duty, leads, leader)
        _goes_on(trial)
        trial.rest(dice, 0.0, 4.0)
        trial.cluster.start(leader)
        trial.cluster.until_in_sync()
    trial.crew.until_ready()


def bounce_in_order(trial: Trial, dice: Random, times: int) -> None:
    """SIGTERM one broker after the other, each back and in sync before the next one goes."""
    _bounce(trial, dice, times, trial.cluster.stop)


def bounce_hard(trial: Trial, dice: Random, times: int) -> None:
    """The same by SIGKILL."""
    _bounce(trial, dice, times, trial.cluster.kill)


def lose_disks(trial: Trial, dice: Random, times: int) -> None:
    """SIGKILL one broker after the other and remove its data; it comes back with an empty disk."""
    _bounce(trial, dice, times, trial.cluster.lose_disk)


def _bounce(trial: Trial, dice: Random, times: int, end: Callable[[int], None]) -> None:
    trial.begin(WORKERS)
    for _ in range(times):
        for node in dice.sample(NODES, len(NODES)):
            trial.rest(dice, 0.5, 2.0)
            end(node)
            trial.rest(dice, 0.0, 3.0)
            trial.cluster.start(node)
            trial.cluster.until_in_sync()
    trial.crew.until_ready()


def _duty(trial: Trial, dice: Random, round_: int) -> tuple[str, Callable[[], int]]:
    """What the victim of a round does, and how to learn who does it."""
    cluster = trial.cluster
    partition = dice.randrange(trial.scenario.demand.partitions)
    transactional_id = f"conscope-last_seen_prices-{partition}"
    group = dice.choice(GROUPS)
    duties: tuple[tuple[str, Callable[[], int]], ...] = (
        (
            f"leading {RAW_PRICES.name}-{partition}",
            lambda: cluster.leader(RAW_PRICES.name, partition),
        ),
        (
            f"deciding on the transactions of {transactional_id}",
            lambda: cluster.transaction_coordinator(transactional_id),
        ),
        (f"keeping the group {group}", lambda: cluster.group_coordinator(group)),
    )
    return duties[round_ % len(duties)]


def _until_taken_over(trial: Trial, duty: str, leads: Callable[[], int], killed: int) -> None:
    trial.until(lambda: leads() != killed, within_s=HEIR_WITHIN_S, what=f"another broker {duty}")


def _goes_on(trial: Trial) -> None:
    """Prices are compared with one broker away."""
    before = trial.compared()
    trial.until(
        lambda: trial.compared() > before + trial.scenario.demand.rate,
        within_s=GOES_ON_WITHIN_S,
        what="prices compared with two brokers",
    )


def _demand_safe_topics(trial: Trial) -> None:
    """Every topic has three copies, of which two must have a record before it counts."""
    partitions = trial.scenario.demand.partitions
    for report in asyncio.run(check_topics(Brokers.plain(*trial.brokers), partitions)):
        trial.demand(report.copies == 3, f"{report.name} has {report.copies} copies")
        for problem in (*report.problems, *report.notes):
            trial.demand(False, f"{report.name}: {problem}")
