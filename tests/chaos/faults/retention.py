"""Raw prices that are removed before anybody has read them, as retention would after a week."""

import asyncio
import json
import re
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping
from random import Random

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from conscope_app.topics.tickets import RAW_PRICES
from tests.broker.pipeline import Worker
from tests.chaos.ends import topic_ends
from tests.chaos.trial import Trial

WORKERS = 2
UNREAD = 20  # offsets of each partition that come in while nobody reads
UNREAD_WITHIN_S = 60.0
ALARM_WITHIN_S = 90.0
STATS_WITHIN_S = 30.0

_REASON = re.compile(rf"track_prices: \d+ offsets of {RAW_PRICES.name}-(\d+) were removed before")
_NOTICE = 'role="alert" data-notice="records_lost"'

Offsets = Mapping[int, int]  # by partition of raw_prices


def past_the_position(trial: Trial, dice: Random, times: int) -> None:
    """Stop all workers, remove what came in meanwhile from some partitions, and start them."""
    trial.begin(WORKERS)
    trial.until(lambda: _all_are_read(trial), within_s=UNREAD_WITHIN_S, what="all partitions read")
    cuts: list[Offsets] = []
    for _ in range(times):
        trial.rest(dice, 1.0, 3.0)
        workers = _end_all(trial, dice)
        cuts.append(_cut_some(trial, dice))
        for worker in workers:
            trial.crew.hire(worker)
        _demand_alarm(trial, set(cuts[-1]))
        trial.pipeline.run("losses", "acknowledge")
        trial.crew.until_ready()
        _demand_silence(trial)
    _demand_amounts(trial, cuts)


def _end_all(trial: Trial, dice: Random) -> list[Worker]:
    """End every worker, by SIGTERM or by SIGKILL."""
    workers = trial.crew.members
    by_force = dice.random() < 0.5
    for worker in workers:
        if by_force:
            trial.crew.retire(worker)
            worker.kill()
            trial.cut()
        else:
            trial.crew.stop(worker)
    return workers


def _cut_some(trial: Trial, dice: Random) -> Offsets:
    """Remove a part of what nobody has read; gives where the partitions begin now."""
    stopped_at = _ends(trial)  # nobody has read past it
    trial.until(
        lambda: all(_ends(trial)[part] >= end + UNREAD for part, end in stopped_at.items()),
        within_s=UNREAD_WITHIN_S,
        what="records in every partition that nobody reads",
    )
    ends = _ends(trial)
    chosen = dice.sample(sorted(ends), dice.randint(2, len(ends) - 1))
    starts = {part: dice.randint(stopped_at[part] + 1, ends[part]) for part in chosen}
    asyncio.run(_remove(trial, starts))
    return starts


async def _remove(trial: Trial, starts: Offsets) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=trial.brokers)
    try:
        await admin.start()
        await admin.delete_records(
            {
                TopicPartition(RAW_PRICES.name, part): RecordsToDelete(start)
                for part, start in starts.items()
            }
        )
    finally:
        await admin.close()


def _ends(trial: Trial) -> Offsets:
    ends = topic_ends(trial.brokers, trial.scenario.demand.partitions)
    return {part: end for (topic, part), end in ends.items() if topic == RAW_PRICES.name}


def _demand_alarm(trial: Trial, partitions: set[int]) -> None:
    """Readiness, the API and every page name the partitions."""
    trial.until(
        lambda: set().union(*map(_named_by_readiness, trial.crew.members)) == partitions,
        within_s=ALARM_WITHIN_S,
        what=f"readiness naming {sorted(partitions)}",
    )
    trial.until(
        lambda: _waiting(trial) == partitions,
        within_s=STATS_WITHIN_S,
        what=f"an alarm in the stats for {sorted(partitions)}",
    )
    trial.until(
        lambda: all(_NOTICE in _read(worker, "/") for worker in trial.crew.members),
        within_s=STATS_WITHIN_S,
        what="an alarm on every page",
    )


def _demand_silence(trial: Trial) -> None:
    """Once it is acknowledged nobody speaks of it any more."""
    trial.until(
        lambda: not any(_NOTICE in _read(worker, "/") for worker in trial.crew.members),
        within_s=STATS_WITHIN_S,
        what="pages without an alarm",
    )


def _demand_amounts(trial: Trial, cuts: list[Offsets]) -> None:
    """What is said to be lost is what lies between the last row before each cut and the cut."""
    trial.until(
        lambda: all(_is_passed(trial, *cut) for starts in cuts for cut in starts.items()),
        within_s=ALARM_WITHIN_S,
        what="rows behind every cut",
    )
    due: Counter[int] = Counter()
    for starts in cuts:
        for part, start in starts.items():
            due[part] += start - _position_before(trial, part, start)
    lines = trial.pipeline.run("losses", "list", "--json").stdout.splitlines()
    told = {loss["partition"]: loss["lost"] for loss in map(json.loads, lines)}
    trial.demand(told == due, f"{dict(due)} offsets are lost, and {told} are told")
    trial.notes.append(f"{due.total()} records removed before they were read, each counted")


def _all_are_read(trial: Trial) -> bool:
    [(count,)] = trial.pipeline.query("SELECT count(DISTINCT raw_partition) FROM price_history")
    return bool(count == trial.scenario.demand.partitions)


def _is_passed(trial: Trial, part: int, start: int) -> bool:
    """Whether rows from behind the cut are stored, and so all from before it."""
    return bool(
        trial.pipeline.count("price_history", f"raw_partition = {part} AND raw_offset >= {start}")
    )


def _position_before(trial: Trial, part: int, start: int) -> int:
    [(newest,)] = trial.pipeline.query(
        "SELECT max(raw_offset) FROM price_history "
        f"WHERE raw_partition = {part} AND raw_offset < {start}"
    )
    return int(newest) + 1


def _waiting(trial: Trial) -> set[int]:
    """The partitions whose loss nobody has acknowledged, as the API says."""
    stats = trial.stats() or {"losses": []}
    return {each["partition"] for each in stats["losses"] if each["unacknowledged"]}


def _named_by_readiness(worker: Worker) -> set[int]:
    return {int(part) for part in _REASON.findall(_read(worker, "/health/ready"))}


def _read(worker: Worker, path: str) -> str:
    """What the worker answers, whatever the status; nothing where it does not."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{worker.port}{path}", timeout=5) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as refused:
        return refused.read().decode()
    except OSError:
        return ""
