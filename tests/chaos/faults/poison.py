"""Bad records among the good ones: each in the dead letters with its reason, or put right."""

import asyncio
import json
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer

from conscope_app.core.clock import utc_now
from conscope_app.topics.tickets import RAW_PRICES
from tests.chaos.ends import topic_ends
from tests.chaos.poison import EVENT, KINDS, Dose, Kind, changed
from tests.chaos.raw_batches import lies, offer
from tests.chaos.trial import Trial

WORKERS = 2
ROUNDS = 4
KILLS = 2
PAUSE_S = 0.2
FLOWING = 300  # good records, before the first bad one
TAKEN_WITHIN_S = 180.0
COMMAND_S = 300.0
LEAST_SHARE = 0.01

# Which codec the sender took, by itself, is nobody's fault: the broker writes all as snappy.
HONEST_CODECS = ("gzip", "snappy", "lz4")


class Given(NamedTuple):
    """A dose where it lies, by its id."""

    id: str
    kind: Kind
    seat: str


def poison(trial: Trial, dice: Random, times: int) -> None:
    """All kinds, again and again, while workers are killed; then the repairable are repaired."""
    trial.begin(WORKERS)
    trial.until(lambda: trial.compared() > FLOWING, within_s=TAKEN_WITHIN_S, what="a steady stream")
    given: list[Given] = []
    for _ in range(times):
        given += _give(trial, dice, first_seat=len(given))
    _demand_share(trial, len(given))
    _demand_refusal_at_the_door(trial)
    _demand_that_honest_codecs_are_read(trial)
    trial.crew.until_ready()
    refused = [each for each in given if each.kind.reason is not None]
    trial.until(
        lambda: _totals(trial).get("dead", 0) >= len(refused),
        within_s=TAKEN_WITHIN_S,
        what=f"{len(refused)} dead letters counted",
    )
    _demand_reasons(trial, refused)
    _replay(trial, refused)
    trial.check_at_end(lambda: _demand_counts(trial, given))


def _give(trial: Trial, dice: Random, *, first_seat: int) -> list[Given]:
    kinds = [kind for _ in range(ROUNDS) for kind in dice.sample(KINDS, len(KINDS))]
    numbered = list(enumerate(kinds, start=first_seat))
    own_dice = Random(dice.random())  # the sending thread's
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(asyncio.run, _send_all(trial, own_dice, numbered))
        for _ in range(KILLS):
            trial.rest(dice, 2.0, 8.0)
            trial.crew.kill(dice.choice(trial.crew.members), killed=trial.cut)
        return sending.result()


async def _send_all(
    trial: Trial, dice: Random, numbered: Sequence[tuple[int, Kind]]
) -> list[Given]:
    given = []
    async with AIOKafkaProducer(bootstrap_servers=trial.brokers) as producer:
        for number, kind in numbered:
            seat = str(number)
            dose = kind.make(dice, utc_now(), seat)
            partition = dice.randrange(trial.scenario.demand.partitions)
            place = await _send(producer, dose, partition)
            given.append(Given(f"{RAW_PRICES.name}-{partition}-{place}", kind, seat))
            await asyncio.sleep(PAUSE_S)  # the pace of the poison is part of the fault
    return given


async def _send(producer: AIOKafkaProducer, dose: Dose, partition: int) -> int:
    # A batch of its own: `send` refuses a record without key and value.
    batch = producer.create_batch()
    batch.append(key=dose.key, value=dose.value, timestamp=None)
    sent = await (await producer.send_batch(batch, RAW_PRICES.name, partition=partition))
    return int(sent.offset)


def _demand_share(trial: Trial, given: int) -> None:
    ends = topic_ends(trial.brokers, trial.scenario.demand.partitions)
    share = given / sum(end for (topic, _), end in ends.items() if topic == RAW_PRICES.name)
    trial.demand(share >= LEAST_SHARE, f"only {share:.2%} of the records were bad")
    trial.notes.append(
        f"{given} bad records of {len(KINDS)} kinds, {share:.1%} of what had come in by then"
    )


def _demand_refusal_at_the_door(trial: Trial) -> None:
    """A batch that is not what it says never gets into the log: the broker has to open it."""
    good = changed()(Random(0), utc_now(), "at the door")
    told = list(lies(good.key or b"", good.value or b""))
    answers = asyncio.run(offer(trial.brokers, RAW_PRICES.name, 0, [lie.batch for lie in told]))
    taken = [lie.name for lie, code in zip(told, answers, strict=True) if code == 0]
    trial.demand(not taken, f"the broker took batches that lie: {', '.join(taken)}")
    trial.notes.append(f"{len(told)} batches that lie about themselves were refused by the broker")


def _demand_that_honest_codecs_are_read(trial: Trial) -> None:
    async def send() -> None:
        for codec in HONEST_CODECS:
            dose = changed()(Random(0), utc_now(), codec)
            async with AIOKafkaProducer(
                bootstrap_servers=trial.brokers, compression_type=codec
            ) as producer:
                await producer.send_and_wait(RAW_PRICES.name, key=dose.key, value=dose.value)

    asyncio.run(send())
    trial.until(
        lambda: set(HONEST_CODECS) <= _seats_stored(trial).keys(),
        within_s=TAKEN_WITHIN_S,
        what="records of every codec stored",
    )


def _demand_reasons(trial: Trial, refused: Sequence[Given]) -> None:
    listed = _dead_letters(trial, "list", "--json", "--limit", "1000000")
    letters = [json.loads(line) for line in listed.stdout.splitlines() if line.startswith("{")]
    found = Counter((letter["id"], letter["reason"]) for letter in letters)
    due = Counter((each.id, str(each.kind.reason)) for each in refused)
    names = {each.id: each.kind.name for each in refused}
    for id_, reason in sorted((due - found).keys()):
        trial.demand(holds=False, promise=f"{names[id_]}: {id_} is no dead letter for {reason}")
    for id_, reason in sorted((found - due).keys()):
        name = names.get(id_, "a good record")
        trial.demand(holds=False, promise=f"{name}: {id_} is a dead letter for {reason}")


def _replay(trial: Trial, refused: Sequence[Given]) -> None:
    """One of each kind goes back, repaired; who cannot be repaired is left, with a sentence."""
    one_each = {each.kind.name: each for each in refused}.values()
    repairable = [each for each in one_each if each.kind.repair is not None]
    hopeless = [each for each in one_each if each.kind.repair is None]
    repairs = {name: value for each in repairable for name, value in _repairs(each.kind).items()}
    arguments = [f"--set={name}={value}" for name, value in repairs.items()]
    once = _dead_letters(trial, "replay", *_ids(repairable), *arguments)
    trial.demand(
        f"sent {len(repairable)}, left 0" in once.stdout, f"a replay said: {once.stdout[-300:]}"
    )
    again = _dead_letters(trial, "replay", *_ids([*repairable, *hopeless]), *arguments, expect=1)
    trial.demand(
        f"sent 0, left {len(one_each)}" in again.stdout, f"a 2nd one: {again.stdout[-300:]}"
    )
    seats = {each.seat for each in repairable}
    trial.until(
        lambda: seats <= _seats_stored(trial).keys(),
        within_s=TAKEN_WITHIN_S,
        what="repaired records stored",
    )
    trial.check_at_end(lambda: _demand_once(trial, seats))
    trial.notes.append(f"{len(repairable)} kinds repaired and replayed, {len(hopeless)} left")


def _dead_letters(
    trial: Trial, *arguments: str, expect: int = 0
) -> subprocess.CompletedProcess[str]:
    return trial.pipeline.run("dead-letters", *arguments, expect=expect, timeout_s=COMMAND_S)


def _repairs(kind: Kind) -> Mapping[str, str]:
    repair = kind.repair or {}
    return {name: value or utc_now().isoformat() for name, value in repair.items()}


def _ids(given: Sequence[Given]) -> list[str]:
    return [f"--id={each.id}" for each in given]


def _seats_stored(trial: Trial) -> dict[str, int]:
    rows = trial.pipeline.query(
        f"SELECT seat, count(*) FROM price_history WHERE event_id = '{EVENT}' GROUP BY seat"
    )
    return dict(rows)


def _totals(trial: Trial) -> dict[str, Any]:
    stats = trial.stats()
    return {} if stats is None else dict(stats["totals"])


def _demand_once(trial: Trial, seats: set[str]) -> None:
    stored = _seats_stored(trial)
    several = sorted(seat for seat in seats if stored.get(seat) != 1)
    trial.demand(not several, f"repaired seats {several} are not stored exactly once")


def _demand_counts(trial: Trial, given: Sequence[Given]) -> None:
    """Exact counts, whoever was killed: each bad record was refused or re-keyed once."""
    totals = _totals(trial)
    dead = sum(each.kind.reason is not None for each in given)
    trial.demand(totals["dead"] == dead, f"{totals['dead']} dead letters counted, not {dead}")
    due = len(given) - dead
    trial.demand(totals["rekeyed"] == due, f"{totals['rekeyed']} were re-keyed, not {due}")
