"""What Kafka and Postgres have in common when we start them: ports, readiness, stop, kill."""

import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import ClassVar, Self

from conscope_app.core.clock import monotonic_s
from conscope_app.local.account import Account
from conscope_app.local.child import Child
from conscope_app.local.ports import ChoosePort, free_port, is_free
from conscope_app.local.record import ServerRecord, stop_leftover
from conscope_app.stream.folder_lock import FolderLock

_POLL_S = 0.05
_FRESH_ATTEMPTS = 5

Ports = tuple[int, ...]


class StartError(Exception):
    """A server did not come up; the message ends in the last lines of its log."""


class LocalServer(ABC):
    """A server on free loopback ports, with its data under one folder.

    `start` after `stop` or `kill` brings it back on the same ports with the same data. A new
    object on the same folder does too, unless somebody else has taken a port meanwhile. Every
    method blocks: in a coroutine, call it through `asyncio.to_thread`. What `while_waiting` raises
    ends a start, and nothing is left running.
    """

    name: ClassVar[str]
    port_count: ClassVar[int] = 1
    end_signal: ClassVar[signal.Signals] = signal.SIGTERM
    start_limit_s: ClassVar[float] = 90
    # What the log says of a port that is taken, and of a predecessor that is not quite gone.
    port_taken: ClassVar[str] = "Address already in use"
    not_yet: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        folder: Path,
        *,
        account: Account | None = None,
        environment: Mapping[str, str] = MappingProxyType({}),
        choose_port: ChoosePort = free_port,
        while_waiting: Callable[[], None] = lambda: None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder.resolve()
        self._account = account
        self._environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", **environment}
        self._choose_port = choose_port
        self._while_waiting = while_waiting
        self._child: Child | None = None
        self._ports: Ports = ()
        self._lock = FolderLock(self._folder)

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients find it, as ConScope's settings write it."""

    @abstractmethod
    def _prepare(self, ports: Ports) -> None:
        """Write what must be there before the server starts on these ports."""

    @abstractmethod
    def _command(self, ports: Ports) -> list[str]:
        """The command line; it holds `_own_argument`."""

    @property
    @abstractmethod
    def _own_argument(self) -> str:
        """The argument by which a process is recognised as this folder's server."""

    @abstractmethod
    def _answers(self, ports: Ports) -> bool:
        """Whether a client is served now."""

    @property
    def log(self) -> Path:
        """The file with what the server printed."""
        return self._folder / "server.log"

    @property
    def port(self) -> int:
        """The port that clients use."""
        if not self._ports:
            raise StartError(f"{self.name} has not been started")
        return self._ports[0]

    @property
    def pid(self) -> int:
        """The server's process id."""
        if self._child is None:
            raise StartError(f"{self.name} has not been started")
        return self._child.pid

    @property
    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self._child is not None and self._child.exit_code is None

    def start(self) -> None:
        """Start it and return when it serves clients."""
        if self.is_running:
            return
        self._lock.hold()
        try:
            left = ServerRecord.read(self._record_path)
            stop_leftover(left.pid, self._own_argument, self.end_signal)
            for ports in self._port_choices(left.ports):
                if self._comes_up(ports):
                    self._ports = ports
                    return
        except BaseException:
            self.stop()
            raise
        tail = self._tail()
        self.stop()
        raise StartError(f"{self.name} found its ports taken:\n{tail}")

    def stop(self) -> None:
        """Let it end in order, so that nothing needs repair at the next start."""
        if self._child is not None:
            self._child.stop(self.end_signal)
        self._lock.release()

    def kill(self) -> None:
        """End it at once with SIGKILL, as a power cut would."""
        if self._child is not None:
            self._child.kill()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _port_choices(self, remembered: Ports) -> Iterator[Ports]:
        if self._ports:
            yield self._ports  # clients know them: coming back elsewhere would be no restart
            return
        if len(remembered) == self.port_count and all(is_free(port) for port in remembered):
            yield remembered
        for _ in range(_FRESH_ATTEMPTS):
            yield tuple(self._choose_port() for _ in range(self.port_count))

    def _comes_up(self, ports: Ports) -> bool:
        """Start on these ports; False where somebody else was quicker to take one."""
        given_up_at = monotonic_s() + self.start_limit_s
        self._prepare(ports)
        self._spawn(ports)
        while monotonic_s() < given_up_at:
            if not self.is_running:
                tail = self._tail()
                if self.port_taken in tail:
                    return False
                if not any(text in tail for text in self.not_yet):
                    raise StartError(f"{self.name} ended while starting:\n{tail}")
                time.sleep(_POLL_S * 4)
                self._spawn(ports)
            elif self._answers(ports):
                return True
            self._while_waiting()
            time.sleep(_POLL_S)
        raise StartError(
            f"{self.name} did not answer within {self.start_limit_s:.0f} s:\n{self._tail()}"
        )

    def _spawn(self, ports: Ports) -> None:
        self._child = Child.start(
            self._command(ports),
            log=self.log,
            cwd=Path("/"),
            environment=self._environment,
            account=self._account,
            end_signal=self.end_signal,
        )
        ServerRecord(ports, self._child.pid).write(self._record_path)

    def _tail(self) -> str:
        return self._child.log_tail() if self._child else ""

    @property
    def _record_path(self) -> Path:
        return self._folder / "server.json"
