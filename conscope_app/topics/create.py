"""Create the topics that are missing; say how those that exist differ. Nothing is ever altered."""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from conscope_app.kafka.brokers import Brokers
from conscope_app.kafka.starting import start_client
from conscope_app.topics.copies import copy_configs, copy_notes, copy_problems
from conscope_app.topics.tickets import ALL, TopicSpec

logger = logging.getLogger(__name__)

# What decides whether the pipeline is right; another value elsewhere is the operator's choice.
_MUST_AGREE = frozenset({"cleanup.policy", "message.timestamp.type", "max.message.bytes"})
# Of these, what would lose records or mix them up. The rest a worker can live with: it says so.
_BLOCKS_START = frozenset({"cleanup.policy"})
_CREATION_SETTLES_S = 30.0

State = Literal["exists", "created", "missing", "failed"]


@dataclass(frozen=True, slots=True)
class TopicReport:
    """One topic as the broker has it. `problems` break the pipeline, `notes` do not."""

    name: str
    state: State
    partitions: int | None = None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    blocking: tuple[str, ...] = ()  # those of the problems that keep a worker from starting
    copies: int | None = None


@dataclass(frozen=True, slots=True)
class _Actual:
    partitions: int
    copies: int  # of the partition that has the fewest
    configs: Mapping[str, str]


async def check_topics(
    brokers: Brokers, partitions: int, specs: Sequence[TopicSpec] = ALL
) -> list[TopicReport]:
    """Compare each topic with the broker's; reads only."""
    async with _admin(brokers) as admin:
        actual = await _describe(admin, [spec.name for spec in specs])
    return [_report(spec, actual.get(spec.name), partitions, "exists") for spec in specs]


async def create_topics(
    brokers: Brokers,
    partitions: int,
    replication_factor: int,
    specs: Sequence[TopicSpec] = ALL,
) -> list[TopicReport]:
    """Create what is missing and report on every topic, each with its own error.

    Safe to run again and by several at once: a topic that somebody else creates meanwhile is one
    that exists. Returns when the broker tells the partitions of all that were created.
    """
    async with _admin(brokers) as admin:
        before = await _describe(admin, [spec.name for spec in specs])
        missing = [spec for spec in specs if spec.name not in before]
        created, errors = await _create(admin, missing, partitions, replication_factor)
        expected = [spec.name for spec in specs if spec.name not in errors]
        async with asyncio.timeout(_CREATION_SETTLES_S):
            after = await _describe_until_known(admin, expected)
    return [
        TopicReport(spec.name, "failed", problems=(errors[spec.name],))
        if spec.name in errors
        else _report(
            spec,
            after.get(spec.name),
            partitions,
            "created" if spec.name in created else "exists",
        )
        for spec in specs
    ]


async def partition_counts(brokers: Brokers, names: Sequence[str]) -> dict[str, int]:
    """How many partitions each of the topics has; one that does not exist is left out."""
    async with _admin(brokers) as admin:
        actual = await _describe(admin, names)
    return {name: found.partitions for name, found in actual.items()}


async def check_partitions(
    brokers: Brokers, partitions: int, specs: Sequence[TopicSpec] = ALL
) -> list[str]:
    """What keeps a worker from starting: topics that are missing, or cut or kept in another way.

    What is not as it should be, but does not keep it from starting, is logged.
    """
    reports = await check_topics(brokers, partitions, specs)
    for report in reports:
        for problem in report.problems:
            if problem not in report.blocking:
                logger.warning("%s: %s", report.name, problem)
    return [f"{report.name}: {problem}" for report in reports for problem in report.blocking]


def _report(spec: TopicSpec, actual: _Actual | None, partitions: int, state: State) -> TopicReport:
    if actual is None:
        hint = "it is missing; `faust -A conscope_app topics create` creates it"
        return TopicReport(spec.name, "missing", problems=(hint,), blocking=(hint,))
    problems: list[str] = []
    blocking: list[str] = []
    notes: list[str] = []
    wanted = spec.partition_count(partitions)
    if actual.partitions != wanted:
        blocking.append(
            f"it has {actual.partitions} partitions, not {wanted}; the count is fixed at creation: "
            "set CONSCOPE_PARTITIONS to what the topics have, or start with new topics"
        )
        problems += blocking
    for name, value in spec.configs.items():
        found = actual.configs.get(name)
        if found != value:
            difference = f"{name} is {found}, not {value}"
            (problems if name in _MUST_AGREE else notes).append(difference)
            if name in _BLOCKS_START:
                blocking.append(difference)
    problems += copy_problems(actual.copies, actual.configs)
    notes += copy_notes(actual.copies, actual.configs)
    return TopicReport(
        spec.name,
        state,
        actual.partitions,
        tuple(problems),
        tuple(notes),
        tuple(blocking),
        actual.copies,
    )


@asynccontextmanager
async def _admin(brokers: Brokers) -> Any:
    admin = AIOKafkaAdminClient(**brokers.client_options)
    try:
        await start_client(admin, brokers)
        yield admin
    finally:
        await admin.close()


async def _create(
    admin: AIOKafkaAdminClient,
    specs: Sequence[TopicSpec],
    partitions: int,
    replication_factor: int,
) -> tuple[set[str], dict[str, str]]:
    """Ask for each topic; returns those that we created, and the error of each that failed."""
    if not specs:
        return set(), {}
    answer = await admin.create_topics(
        [
            NewTopic(
                spec.name,
                num_partitions=spec.partition_count(partitions),
                replication_factor=replication_factor,
                topic_configs={**copy_configs(replication_factor), **spec.configs},
            )
            for spec in specs
        ]
    )
    created = set()
    errors = {}
    for name, code, *message in answer.topic_errors:
        if not code:
            created.add(name)
        elif code != TopicAlreadyExistsError.errno:
            errors[name] = f"{for_code(code).__name__}: {(message or ['no message'])[0]}"
    return created, errors


async def _describe(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, _Actual]:
    """Those of the topics that exist and have a leader for each partition."""
    # Asking for all topics creates none; asking by name would, where a broker creates on demand.
    ready = {
        topic["topic"]: topic["partitions"]
        for topic in await admin.describe_topics()
        if topic["topic"] in names
        and not topic["error_code"]
        and all(partition["leader"] >= 0 for partition in topic["partitions"])
    }
    if not ready:
        return {}
    answers = await admin.describe_configs(
        [ConfigResource(ConfigResourceType.TOPIC, name) for name in ready]
    )
    return {
        name: _Actual(len(ready[name]), min(len(each["replicas"]) for each in ready[name]), configs)
        for answer in answers
        for name, configs in _topic_configs(answer.resources)
    }


def _topic_configs(resources: Sequence[Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for code, message, _kind, name, entries in resources:
        if code == UnknownTopicOrPartitionError.errno:
            continue  # the broker that was asked has not heard of it yet, or it was just deleted
        if code:
            raise for_code(code)(f"cannot read the configuration of {name}: {message}")
        yield name, {entry[0]: entry[1] for entry in entries}


async def _describe_until_known(
    admin: AIOKafkaAdminClient, names: Sequence[str]
) -> dict[str, _Actual]:
    while True:
        actual = await _describe(admin, names)
        if len(actual) == len(names):
            return actual
        await asyncio.sleep(0.1)
