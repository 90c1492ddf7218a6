"""Three Kafka brokers of one cluster: each record has three copies, two of which must have it."""

import asyncio
import itertools
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Final, Self, TypeVar

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, LeaderNotAvailableError

from conscope_app.local.artifacts import Artifacts
from conscope_app.local.kafka import KafkaServer, new_cluster_id
from conscope_app.local.ports import LOOPBACK, free_port
from tests.broker.pipeline import eventually

T = TypeVar("T")

NODES: Final = (1, 2, 3)
HEAP_MB = 384
IN_SYNC_WITHIN_S = 90.0

_GROUP, _TRANSACTION = 0, 1  # how the protocol numbers what has a coordinator
_ASK_WITHIN_S = 30.0
_ASK_AGAIN_S = 0.3

_PROPERTIES = {
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "unclean.leader.election.enable": "false",
}


class KafkaCluster:
    """Brokers 1 to 3, each broker and controller in one process.

    One of them may be down at any time and all goes on; with two down nothing is acknowledged.
    """

    def __init__(
        self,
        folder: Path,
        artifacts: Artifacts,
        *,
        properties: Mapping[str, str] = MappingProxyType({}),
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        # Everybody has to know everybody's ports before the first of them starts.
        ports = {node: (free_port(), free_port()) for node in NODES}
        voters = ",".join(f"{node}@{LOOPBACK}:{ports[node][1]}" for node in NODES)
        cluster_id = new_cluster_id()
        self._folders = {node: folder / f"node-{node}" for node in NODES}
        self._nodes = {
            node: KafkaServer(
                self._folders[node],
                artifacts,
                heap_mb=HEAP_MB,
                properties={
                    **_PROPERTIES,
                    **properties,
                    "node.id": str(node),
                    "controller.quorum.voters": voters,
                },
                cluster_id=cluster_id,
                environment=environment,
                choose_port=itertools.cycle(ports[node]).__next__,
            )
            for node in NODES
        }
        self.bootstrap = [f"{LOOPBACK}:{port}" for port, _ in ports.values()]

    @property
    def url(self) -> str:
        """All three, as the settings want them."""
        return ";".join(f"kafka://{address}" for address in self.bootstrap)

    def __enter__(self) -> Self:
        try:
            # One alone never answers: it takes two to agree on anything.
            with ThreadPoolExecutor(len(NODES)) as pool:
                list(pool.map(self.start, NODES))
            self.until_in_sync()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def start(self, node: int) -> None:
        """Start a node on its old ports with its data, and return when it serves clients."""
        self._nodes[node].start()

    def stop(self, node: int) -> None:
        """SIGTERM: it hands over what it leads, and ends."""
        self._nodes[node].stop()

    def kill(self, node: int) -> None:
        """SIGKILL, whatever it leads."""
        self._nodes[node].kill()

    def kill_all(self) -> None:
        """SIGKILL every node."""
        for node in self._nodes.values():
            node.kill()

    def lose_disk(self, node: int) -> None:
        """SIGKILL, and nothing is left of its data: it has to copy everything from the others."""
        self.kill(node)
        shutil.rmtree(self._folders[node] / "data")

    def leader(self, topic: str, partition: int) -> int:
        """The node that leads a partition."""

        async def ask(admin: AIOKafkaAdminClient) -> int:
            [found] = await admin.describe_topics([topic])
            leaders = {each["partition"]: int(each["leader"]) for each in found["partitions"]}
            if leaders.get(partition, -1) not in NODES:
                raise LeaderNotAvailableError(f"nobody leads {topic}-{partition}")
            return leaders[partition]

        return _ask(self.bootstrap, ask)

    def transaction_coordinator(self, transactional_id: str) -> int:
        """The node that decides about the transactions of a producer."""
        return self._coordinator(transactional_id, _TRANSACTION)

    def group_coordinator(self, group: str) -> int:
        """The node that keeps a consumer group."""
        return self._coordinator(group, _GROUP)

    def until_in_sync(self) -> None:
        """Wait until every node serves, and has every copy of every partition in sync."""
        eventually(
            lambda: all(_sees_all_in_sync(address) for address in self.bootstrap),
            within_s=IN_SYNC_WITHIN_S,
            what="every copy of every partition in sync",
        )

    def _coordinator(self, name: str, kind: int) -> int:
        async def ask(admin: AIOKafkaAdminClient) -> int:
            return int(await admin.find_coordinator(name, kind))

        return _ask(self.bootstrap, ask)

    def _end(self) -> None:
        for node in self._nodes.values():
            node.kill()  # in order, the last two would wait for a quorum that is gone
            node.stop()


def _ask(bootstrap: Sequence[str], what: Callable[[AIOKafkaAdminClient], Awaitable[T]]) -> T:
    """The cluster's answer, asked again while an election is under way."""
    until = time.monotonic() + _ASK_WITHIN_S
    while True:
        try:
            return asyncio.run(_ask_once(bootstrap, what))
        except KafkaError:
            if time.monotonic() > until:
                raise
            time.sleep(_ASK_AGAIN_S)


async def _ask_once(
    bootstrap: Sequence[str], what: Callable[[AIOKafkaAdminClient], Awaitable[T]]
) -> T:
    admin = AIOKafkaAdminClient(bootstrap_servers=list(bootstrap), request_timeout_ms=5000)
    try:
        await admin.start()
        return await what(admin)
    finally:
        await admin.close()


def _sees_all_in_sync(address: str) -> bool:
    """Whether this node knows all three as serving, and no partition with a copy that lags."""

    async def ask(admin: AIOKafkaAdminClient) -> bool:
        cluster: dict[str, Any] = await admin.describe_cluster()
        partitions = [
            partition
            for topic in await admin.describe_topics()
            for partition in topic["partitions"]
        ]
        return len(cluster["brokers"]) == len(NODES) and all(
            partition["leader"] in NODES and sorted(partition["isr"]) == list(NODES)
            for partition in partitions
        )

    try:
        return asyncio.run(_ask_once([address], ask))
    except KafkaError:
        return False  # it does not serve yet
