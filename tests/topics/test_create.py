"""Topics on a real Kafka: created once, checked, never altered."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from types import MappingProxyType

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from conscope_app.kafka.brokers import Brokers
from conscope_app.topics.create import (
    TopicReport,
    check_partitions,
    check_topics,
    create_topics,
    partition_counts,
)
from conscope_app.topics.tickets import TopicSpec, prefixed

pytestmark = pytest.mark.broker


@pytest.fixture
def brokers(kafka_url: str) -> Brokers:
    """Where Kafka is."""
    return Brokers.plain(kafka_url.removeprefix("kafka://"))


@pytest.fixture
async def specs(brokers: Brokers) -> AsyncIterator[tuple[TopicSpec, ...]]:
    """Topics under names of this test's own, deleted afterwards."""
    chosen = prefixed(f"topics_{uuid.uuid4().hex[:12]}.")
    yield chosen
    admin = AIOKafkaAdminClient(**brokers.client_options)
    await admin.start()
    try:
        await admin.delete_topics([spec.name for spec in chosen])
    finally:
        await admin.close()


def states(reports: list[TopicReport]) -> set[str]:
    """The states that occur."""
    return {report.state for report in reports}


async def test_what_is_created_is_as_it_must_be(
    brokers: Brokers, specs: tuple[TopicSpec, ...]
) -> None:
    """Partitions and every config, as the broker tells them."""
    assert states(await check_topics(brokers, 2, specs)) == {"missing"}

    created = await create_topics(brokers, 2, 1, specs)
    assert states(created) == {"created"}
    assert [(each.problems, each.notes) for each in created] == [((), ())] * len(specs)
    assert [each.partitions for each in created] == [spec.partition_count(2) for spec in specs]
    assert {each.copies for each in created} == {1}

    again = await create_topics(brokers, 2, 1, specs)
    assert states(again) == {"exists"}
    assert await check_partitions(brokers, 2, specs) == []


async def test_several_may_create_at_once(brokers: Brokers, specs: tuple[TopicSpec, ...]) -> None:
    """Each topic is created by exactly one of them, and nobody fails."""
    everyone = await asyncio.gather(*(create_topics(brokers, 2, 1, specs) for _ in range(4)))

    for reports in zip(*everyone, strict=True):
        assert sorted(each.state for each in reports) == ["created", "exists", "exists", "exists"]
        assert not any(each.problems for each in reports)


async def test_a_topic_that_exists_hides_no_error_of_another(
    brokers: Brokers, specs: tuple[TopicSpec, ...]
) -> None:
    """The broker cannot keep nine copies: that is said of each topic that was to be created."""
    await create_topics(brokers, 2, 1, specs[:1])
    reports = await create_topics(brokers, 2, 9, specs)

    assert [each.state for each in reports] == ["exists", *["failed"] * (len(specs) - 1)]
    assert all("InvalidReplicationFactorError" in each.problems[0] for each in reports[1:])
    assert await partition_counts(brokers, [spec.name for spec in specs]) == {specs[0].name: 2}


async def test_differences_are_said_and_left_alone(
    brokers: Brokers, specs: tuple[TopicSpec, ...]
) -> None:
    """Another partition count or clock is a problem, another retention only worth a note."""
    other = replace(
        specs[0], extra=MappingProxyType({"retention.ms": "1000", "max.message.bytes": "9999"})
    )
    other = replace(other, retention=None)
    await create_topics(brokers, 3, 1, [other])
    for _ in range(2):
        [report] = await create_topics(brokers, 2, 1, specs[:1])
        assert report.state == "exists"
        assert report.problems[0].startswith("it has 3 partitions, not 2")
        assert report.problems[1:] == ("max.message.bytes is 9999, not 1048588",)
        assert report.notes == ("retention.ms is 1000, not 604800000",)

    # A worker can live with another largest message, but not with this.
    count, missing = await check_partitions(brokers, 2, specs[:2])
    assert count.startswith(f"{specs[0].name}: it has 3 partitions")
    assert missing.startswith(f"{specs[1].name}: it is missing")


async def test_a_topic_that_takes_no_writes_is_a_problem(
    brokers: Brokers, specs: tuple[TopicSpec, ...]
) -> None:
    """As somebody's own hand may have made it: two in sync, of one copy."""
    extra = MappingProxyType({**specs[0].extra, "min.insync.replicas": "2"})
    await create_topics(brokers, 2, 1, [replace(specs[0], extra=extra)])

    [report] = await check_topics(brokers, 2, specs[:1])
    assert report.problems == (
        "min.insync.replicas is 2, more than the copies: nothing can be written",
    )
    assert await check_partitions(brokers, 2, specs[:1]) == []
