"""Free ports on the loopback address."""

import secrets
import socket
from collections.abc import Callable, Iterable

LOOPBACK = "127.0.0.1"

# Linux draws the ports of outgoing connections from 32768 up, macOS from 49152. A server's port
# below them stays free for it while it is down, so that it can come back on the same one.
SERVER_PORTS = range(20_000, 30_000)

_ATTEMPTS = 200

ChoosePort = Callable[[], int]


class PortError(Exception):
    """None of the ports that were tried is free."""


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections of a predecessor that are still closing are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port(candidates: Iterable[int] | None = None) -> int:
    """A port that nobody listens on: the first free one of the candidates, or a random one."""
    if candidates is None:
        candidates = (secrets.choice(SERVER_PORTS) for _ in range(_ATTEMPTS))
    for port in candidates:
        if is_free(port):
            return port
    raise PortError("none of the ports tried on 127.0.0.1 is free")
