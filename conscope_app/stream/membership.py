"""A feed as a member of its consumer group: aiokafka's consumer, with nothing left to chance."""

from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import IllegalStateError

from conscope_app.kafka.brokers import Brokers

# How long a broker holds a request where nothing is there; the first record is its answer at once.
# The shorter, the more an idle worker asks; the longer, the later a partition that is opened while
# the others' request waits gets one of its own.
FETCH_MAX_WAIT_MS = 1_000

# aiokafka looks that often whether there is anything to fetch. What makes a difference (an answer,
# a seek, a resume, new metadata) wakes it all the same: this is for what nobody thought of.
LOOK_ANYWAY_MS = 5_000

FETCH_BYTES = 1 << 20  # a partition; about one slab of two thousand price events


@dataclass(frozen=True)
class FeedLimits:
    """Sizes and times that a feed keeps to."""

    brokers: Brokers
    max_slab_records: int = 2000
    session_timeout_s: float = 10.0


def group_consumer(
    limits: FeedLimits, group: str, topic: str, listener: ConsumerRebalanceListener
) -> AIOKafkaConsumer:
    """A member of the group that reads the topic; not started yet."""
    session_ms = int(limits.session_timeout_s * 1000)
    # The assignor keeps its memory on the class: groups of one process must not share it.
    assignor = type("Sticky", (StickyPartitionAssignor,), {"member_assignment": None})
    consumer = AIOKafkaConsumer(
        **limits.brokers.client_options,
        group_id=group,
        isolation_level="read_committed",
        enable_auto_commit=False,
        # A position that the log does not have is an error to us, never a jump.
        auto_offset_reset="none",
        session_timeout_ms=session_ms,
        heartbeat_interval_ms=max(session_ms // 5, 200),
        rebalance_timeout_ms=max(session_ms * 2, 20_000),
        # aiokafka counts how long nothing was asked for; a sink whose database is away asks for
        # nothing, and must not lose its share for that. The largest that fits.
        max_poll_interval_ms=2**31 - 1,
        request_timeout_ms=max(session_ms + 20_000, 30_000),
        fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
        consumer_timeout_ms=LOOK_ANYWAY_MS,
        max_partition_fetch_bytes=FETCH_BYTES,
        partition_assignment_strategy=[assignor],
    )
    consumer.subscribe([topic], listener=listener)
    return consumer


def has_stopped_fetching(consumer: AIOKafkaConsumer) -> bool:
    """Whether the consumer's own fetching has died.

    `getmany` would go on giving nothing for ever: it asks after the group's task alone
    (aiokafka 0.14, `AIOKafkaConsumer.getmany` and `Fetcher.error_future`).
    """
    return bool(consumer._fetcher.error_future.done())  # noqa: SLF001 there is no public way


def position_now(consumer: AIOKafkaConsumer, source: TopicPartition) -> int | None:
    """Where the consumer stands in this moment; None if it would have to find out first."""
    asking = consumer.position(source)
    try:
        asking.send(None)
    except StopIteration as returned:
        return int(returned.value)
    except IllegalStateError:
        return None
    asking.close()
    return None
