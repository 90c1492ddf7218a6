"""One Kafka broker of our own, broker and controller in one process (KRaft)."""

import asyncio
import base64
import shutil
import socket
import subprocess
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from conscope_app.local import prerequisites
from conscope_app.local.artifacts import Artifacts
from conscope_app.local.ports import LOOPBACK, ChoosePort, free_port
from conscope_app.local.server import LocalServer, Ports, StartError

_LOG4J = Path(__file__).with_name("log4j2.properties")

# A broker that lives for minutes on a machine that it shares with everything else: the optimising
# compiler and parallel collectors took twice the CPU in the first half minute under 500 records/s.
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

# One broker cannot keep two copies; few partitions of Kafka's own topics make it start quickly.
# After a SIGKILL it may come back only when its old session has run out: four seconds, not nine.
_PROPERTIES = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": "1@127.0.0.1:{controller_port}",
    "listeners": "PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
    "advertised.listeners": "PLAINTEXT://127.0.0.1:{port}",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "log.dirs": "{data}",
    "auto.create.topics.enable": "false",
    "num.partitions": "8",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "8",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "broker.heartbeat.interval.ms": "1000",
    "broker.session.timeout.ms": "4000",
    "log.cleaner.dedupe.buffer.size": "33554432",
}


class KafkaServer(LocalServer):
    """A Kafka broker that only this machine can reach.

    Topics are never created by accident: a client that names an unknown topic gets an error.
    `properties` are added to ours, or take their place; in their values `{port}`,
    `{controller_port}` and `{data}` stand for what the server got.
    """

    name: ClassVar[str] = "Kafka"
    port_count: ClassVar[int] = 2

    def __init__(
        self,
        folder: Path,
        artifacts: Artifacts,
        *,
        heap_mb: int = 512,
        jvm: Sequence[str] = QUICK,
        properties: Mapping[str, str] = MappingProxyType({}),
        cluster_id: str | None = None,
        environment: Mapping[str, str] = MappingProxyType({}),
        choose_port: ChoosePort = free_port,
        while_waiting: Callable[[], None] = lambda: None,
        find_java: Callable[[], str] = prerequisites.require_java,
    ) -> None:
        super().__init__(
            folder,
            environment=environment,
            choose_port=choose_port,
            while_waiting=while_waiting,
        )
        self._java = [find_java(), "-cp", artifacts.kafka_classpath]
        self._heap_mb = heap_mb
        self._jvm = jvm
        self._properties = {**_PROPERTIES, **properties}
        self._cluster_id = cluster_id or new_cluster_id()

    @property
    def url(self) -> str:
        """`kafka://127.0.0.1:port`."""
        return f"kafka://{self.bootstrap}"

    @property
    def bootstrap(self) -> str:
        """`127.0.0.1:port`, as Kafka's own clients want it."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def _own_argument(self) -> str:
        return str(self._folder / "server.properties")

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _prepare(self, ports: Ports) -> None:
        if not self._data.exists():
            self._format(ports)
        self._write_properties(Path(self._own_argument), self._data, ports)

    def _format(self, ports: Ports) -> None:
        """Make an empty broker's folder; it gets its name only when it is complete."""
        stage = self._folder / "data.part"
        shutil.rmtree(stage, ignore_errors=True)
        properties = self._folder / "format.properties"
        self._write_properties(properties, stage, ports)
        tool = [*self._java, "-Xmx128m", *QUICK]
        tool += ["kafka.tools.StorageTool", "format"]
        done = subprocess.run(
            [*tool, f"--cluster-id={self._cluster_id}", "--config", str(properties)],
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
        if done.returncode:
            raise StartError(f"Kafka's folder could not be made:\n{done.stdout}{done.stderr}")
        stage.rename(self._data)

    def _write_properties(self, path: Path, data: Path, ports: Ports) -> None:
        port, controller_port = ports
        known = {"port": port, "controller_port": controller_port, "data": _escaped(data)}
        lines = [f"{name}={value.format_map(known)}" for name, value in self._properties.items()]
        path.write_text("\n".join(lines) + "\n")

    def _command(self, ports: Ports) -> list[str]:
        memory = ["-Xms128m", f"-Xmx{self._heap_mb}m", "-XX:+ExitOnOutOfMemoryError"]
        logging = f"-Dlog4j2.configurationFile={_LOG4J}"
        return [*self._java, *memory, *self._jvm, logging, "kafka.Kafka", self._own_argument]

    def _answers(self, ports: Ports) -> bool:
        try:
            socket.create_connection((LOOPBACK, ports[0]), timeout=1).close()
        except OSError:
            return False
        # A thread of its own, since the caller may sit in a running event loop.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, _names_itself(f"{LOOPBACK}:{ports[0]}")).result()


def new_cluster_id() -> str:
    """An id for a cluster that is to be made."""
    # A leading `x` keeps it from looking like an option.
    return "x" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]


async def _names_itself(bootstrap: str) -> bool:
    """Whether the broker is in its own metadata: it does not appear before it can be used."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=3000)
    try:
        await client.bootstrap()
        return bool(client.cluster.brokers())
    except KafkaError:
        return False  # listening already, but not serving yet
    finally:
        await client.close()


def _escaped(path: Path) -> str:
    """A path as the value of a Java property."""
    return str(path).replace("\\", "\\\\")
