"""Clocks that jump an hour and back, everybody's in turn; and prices of impossible times."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from aiokafka import AIOKafkaProducer

from conscope_app.core.clock import utc_now
from conscope_app.sources.publisher import partition_of
from conscope_app.topics.tickets import PROCESSED_PRICES, RAW_PRICES
from tests.chaos.ends import topic_ends
from tests.chaos.poison import EVENT, changed, key_of
from tests.chaos.trial import Trial

HOUR_S = 3_600
GOES_ON_WITHIN_S = 180.0

# Kafka's own timestamps, as a sender may write them; the topics take the broker's clock instead.
SENDERS_TIMES_MS = (None, 0, 253_402_300_799_000)
ALERTS_A_ROUND = 2


def jump(trial: Trial, dice: Random, times: int) -> None:
    """Each clock an hour ahead and back, one of the workers' also behind."""
    names = ("w1", "w2")
    for name in names:
        trial.hire(name, **trial.clock(name).environment)
    trial.crew.until_ready()
    trial.stream()
    rounds = 0
    for _ in range(times):
        for strike in dice.sample(_STRIKES, len(_STRIKES)):
            for clock, ahead_s in strike:
                trial.clock(clock).move_to(ahead_s)
                asyncio.run(_impossible_times(trial, dice, rounds))
                rounds += 1
                _demand_that_all_goes_on(trial, f"{clock} at {ahead_s:+d} s")
        _strangers_take_over(trial)
    trial.crew.until_ready()
    trial.check_at_end(lambda: _demand_rows(trial, rounds))


_STRIKES = (
    (("w1", HOUR_S), ("w1", -HOUR_S), ("w1", 0)),
    (("w2", HOUR_S), ("w2", 0)),
    (("kafka", HOUR_S), ("kafka", 0)),
    (("postgres", HOUR_S), ("postgres", 0)),
)


def _demand_that_all_goes_on(trial: Trial, moved: str) -> None:
    """Every partition gets on, each worker is ready, and the channel hears something new."""
    before, told = _processed_ends(trial), len(trial.discord.told)
    trial.until(
        lambda: _all_grow(before, _processed_ends(trial)),
        within_s=GOES_ON_WITHIN_S,
        what=f"every partition getting on with {moved}",
    )
    trial.until(
        lambda: all(worker.get("/health/ready") for worker in trial.crew.members),
        within_s=GOES_ON_WITHIN_S,
        what=f"all workers ready with {moved}",
    )
    trial.until(
        lambda: len(trial.discord.told) > told,
        within_s=GOES_ON_WITHIN_S,
        what=f"alerts told with {moved}",
    )


def _processed_ends(trial: Trial) -> list[int]:
    ends = topic_ends(trial.brokers, trial.scenario.demand.partitions)
    return [end for (topic, _), end in sorted(ends.items()) if topic == PROCESSED_PRICES.name]


def _all_grow(before: Sequence[int], now: Sequence[int]) -> bool:
    return all(later > earlier for earlier, later in zip(before, now, strict=True))


def _strangers_take_over(trial: Trial) -> None:
    """Postgres' clock goes back an hour behind a lease whose holder then comes back no more."""
    trial.clock("postgres").move_to(HOUR_S)
    _demand_that_all_goes_on(trial, "postgres ahead, before its holder dies")
    trial.clock("postgres").move_to(0)
    for worker in trial.crew.members:
        trial.crew.kill(
            worker, wipe=True, killed=trial.cut
        )  # with its data directory goes the name on its lease
    _demand_that_all_goes_on(trial, "postgres back, and its lease a dead stranger's")


async def _impossible_times(trial: Trial, dice: Random, round_: int) -> None:
    """Three seats: 1970 before now, now before 1970, and now, the year 9999, now."""
    now, soon = utc_now(), utc_now() + timedelta(milliseconds=1)
    long_ago = datetime(1970, 1, 1, tzinfo=UTC)
    never = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    ahead = now + timedelta(hours=2)  # still ahead where Kafka's clock is
    stories = {
        f"{round_}a": [(long_ago, 100), (now, 90)],  # a drop
        f"{round_}b": [(now, 100), (long_ago, 50)],  # late: no drop
        f"{round_}c": [(now, 100), (never, 10), (ahead, 5), (soon, 99)],  # refused twice; a drop
    }
    async with AIOKafkaProducer(bootstrap_servers=trial.brokers) as producer:
        for seat, sights in stories.items():
            partition = partition_of(key_of(seat), trial.scenario.demand.partitions)
            for at, price in sights:
                dose = changed(price=Decimal(price), timestamp=at)(dice, now, seat)
                batch = producer.create_batch()
                batch.append(
                    key=dose.key, value=dose.value, timestamp=dice.choice(SENDERS_TIMES_MS)
                )
                await (await producer.send_batch(batch, RAW_PRICES.name, partition=partition))


def _demand_rows(trial: Trial, rounds: int) -> None:
    """What the stories come to, whatever the clocks said: two drops a round, and no third."""
    due: dict[str, tuple[Callable[[], int], int]] = {
        "alerts": (
            lambda: trial.pipeline.count("price_drop_alerts", f"event_id = '{EVENT}'"),
            ALERTS_A_ROUND * rounds,
        ),
        "rows of 1970": (
            lambda: trial.pipeline.count("price_history_1970_01", f"event_id = '{EVENT}'"),
            2 * rounds,
        ),
        "rows of the next hours and of the year 9999": (
            lambda: trial.pipeline.count(
                "price_history", f"event_id = '{EVENT}' AND price IN (5, 10)"
            ),
            0,
        ),
    }
    for what, (count, wanted) in due.items():
        found = count()
        trial.demand(found == wanted, f"{found} {what}, not {wanted}")
