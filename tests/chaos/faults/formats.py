"""A new version whose records and rows have a new format: rolled out, rolled back, out again."""

import asyncio
from collections.abc import Sequence
from random import Random

from conscope_app.domains.tickets.pricing import LAST_SEEN_FORMAT
from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.progress import POSITION_KEY
from conscope_app.stream.reading import TopicReader
from conscope_app.topics.tickets import LAST_SEEN_CHANGELOG
from tests.broker.pipeline import Worker
from tests.chaos.next_version import NEXT_FORMAT, format_of
from tests.chaos.trial import Trial

NEXT = "tests.chaos.next_version"
NAMES = ("w1", "w2")
REFUSES_WITHIN_S = 90.0


def roll(trial: Trial, dice: Random, times: int) -> None:
    """Two workers onto the next version, one of them back, which has to refuse, and on again."""
    trial.expects_stay_down = True
    workers = {worker.name: worker for worker in trial.begin(len(NAMES))}
    trial.rest(dice, 1.0, 4.0)
    for round_ in range(times):
        for name in dice.sample(NAMES, len(NAMES)):
            if round_ == 0:
                workers[name] = _restart(trial, workers[name], module=NEXT)
                trial.rest(dice, 1.0, 4.0)
        back = dice.choice(NAMES)
        older = _restart(trial, workers[back], module="faust", until_ready=False)
        _demand_refusal(trial, older, round_ + 1)
        trial.rest(dice, 0.0, 8.0)  # sometimes before the other has taken over what it held
        workers[back] = trial.hire(back, module=NEXT)
        trial.crew.until_ready()
    _demand_that_no_older_row_follows_a_newer(trial)


def _restart(trial: Trial, worker: Worker, *, module: str, until_ready: bool = True) -> Worker:
    code = trial.crew.stop(worker)
    trial.demand(code == 0, f"{worker.name} ended with {code} on SIGTERM")
    started = trial.hire(worker.name, module=module)
    if until_ready:
        trial.crew.until_ready()
    return started


def _demand_refusal(trial: Trial, older: Worker, count: int) -> None:
    """The older version stays down, and its last line says why and what to do."""
    refusals = trial.crew.ends.stayed_down
    if not trial.until(
        lambda: len(refusals) == count,
        within_s=REFUSES_WITHIN_S,
        what="the older version leaving newer rows alone",
    ):
        trial.crew.retire(older)
        older.kill()
        return
    trial.cut()  # it may have been the one that told the channel
    told = refusals[-1]
    says_all = all(
        words in told
        for words in (
            f"holds rows of format {NEXT_FORMAT}",
            f"knows formats up to {LAST_SEEN_FORMAT}",
            "start the newer version here again",
        )
    )
    trial.demand(says_all, f"the older version's last line says too little: {told}")


def _demand_that_no_older_row_follows_a_newer(trial: Trial) -> None:
    partitions = trial.scenario.demand.partitions
    formats = asyncio.run(_formats_written(Brokers.plain(*trial.brokers), partitions))
    written = {each for history in formats.values() for each in history}
    trial.demand(
        written == {LAST_SEEN_FORMAT, NEXT_FORMAT},
        f"rows were to be written in both formats, not in {sorted(written)}",
    )
    fallen = [partition for partition, seen in formats.items() if seen != sorted(seen)]
    trial.demand(not fallen, f"older rows were written over newer ones in partitions {fallen}")


async def _formats_written(brokers: Brokers, partitions: int) -> dict[int, Sequence[int]]:
    """The format of each row in the changelog, by partition, in order."""
    seen: dict[int, list[int]] = {partition: [] for partition in range(partitions)}
    async with TopicReader(brokers, LAST_SEEN_CHANGELOG.name, range(partitions)) as reader:
        async for run in reader.to_end():
            for record in run:
                if record.key != POSITION_KEY:
                    seen[record.partition].append(format_of(record.value))
    return dict(seen)
