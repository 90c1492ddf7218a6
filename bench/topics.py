"""Topics of a benchmark: made, emptied and measured through librdkafka."""

import time
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    IsolationLevel,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stubs do not export them
    AdminClient,
    NewTopic,
    OffsetSpec,
)

from conscope_app.topics.tickets import ALL, RAW_PRICES, TopicSpec

_ANSWER_S = 30.0
_LATEST = OffsetSpec.latest()  # type: ignore[no-untyped-call]  # it has no types
_TRIES = 200
_PAUSE_S = 0.05


class Topics:
    """The topics of one broker."""

    def __init__(self, bootstrap: str, partitions: int) -> None:
        self.partitions = partitions
        # What fails is raised; what is logged besides is that the broker has gone in the end.
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})

    def create(self, name: str, spec: TopicSpec = RAW_PRICES) -> None:
        """Make a topic as the product makes that kind."""
        topic = NewTopic(
            name,
            num_partitions=spec.partition_count(self.partitions),
            replication_factor=1,
            config=dict(spec.configs),
        )
        _all_done(self._admin.create_topics([topic]).values())
        self._until_led(name, spec.partition_count(self.partitions))

    def _until_led(self, name: str, partitions: int) -> None:
        for _ in range(_TRIES):
            known = self._admin.list_topics(name, timeout=_ANSWER_S).topics[name].partitions
            if len(known) == partitions and all(each.leader >= 0 for each in known.values()):
                try:
                    self._ends(name, partitions)
                except KafkaException:
                    pass  # the broker has named a leader that has not heard of it yet
                else:
                    return
            time.sleep(_PAUSE_S)
        raise RuntimeError(f"{name} got no leader")

    def create_outputs(self, processed: str, alerts: str) -> None:
        """Empty output topics for a peer."""
        self.create(processed)
        self.create(alerts)

    def renew_own(self) -> None:
        """The product's topics but for `raw_prices`, empty."""
        own = [spec for spec in ALL if spec is not RAW_PRICES]
        self.remove(spec.name for spec in own)
        for spec in own:
            self.create(spec.name, spec)

    def remove(self, names: Iterable[str]) -> None:
        """Remove those of the topics that exist, and return when they are gone."""
        there = self._admin.list_topics(timeout=_ANSWER_S).topics
        gone = [name for name in names if name in there]
        if gone:
            _all_done(self._admin.delete_topics(gone).values())
        for _ in range(_TRIES):
            if not set(gone) & set(self._admin.list_topics(timeout=_ANSWER_S).topics):
                return
            time.sleep(_PAUSE_S)
        raise RuntimeError(f"{gone} were not removed")

    def ends(self, topic: str) -> dict[int, int]:
        """Where a reader of committed records comes to the end, by partition."""
        return self._ends(topic, self.partitions)

    def lag(self, group: str, topic: str) -> int:
        """How many offsets lie before a group, as it says itself every two seconds."""
        asked = [TopicPartition(topic, at) for at in range(self.partitions)]
        (answer,) = self._admin.list_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(group, asked)], request_timeout=_ANSWER_S
        ).values()
        come = answer.result(_ANSWER_S).topic_partitions
        committed = {each.partition: max(0, each.offset) for each in come}
        return sum(end - committed[at] for at, end in self.ends(topic).items())

    def _ends(self, topic: str, partitions: int) -> dict[int, int]:
        asked = {TopicPartition(topic, at): _LATEST for at in range(partitions)}
        answers = self._admin.list_offsets(
            asked,
            isolation_level=IsolationLevel.READ_COMMITTED,
            request_timeout=_ANSWER_S,
        )
        return {each.partition: int(answer.result().offset) for each, answer in answers.items()}


def _all_done(futures: Iterable[Future[Any]]) -> None:
    for future in futures:
        try:
            future.result(_ANSWER_S)
        except KafkaException as error:
            raise RuntimeError(str(error)) from error
