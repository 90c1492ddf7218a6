"""Ports are chosen among those that nobody listens on."""

import socket
from collections.abc import Iterator

import pytest

from conscope_app.local.ports import LOOPBACK, SERVER_PORTS, PortError, free_port, is_free


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        yield listener.getsockname()[1]


def test_a_port_with_a_listener_is_not_free(taken_port: int) -> None:
    assert not is_free(taken_port)


def test_a_chosen_port_can_be_listened_on() -> None:
    with socket.create_server((LOOPBACK, free_port())) as listener:
        assert listener.getsockname()[1] in SERVER_PORTS


def test_the_first_free_candidate_is_taken(taken_port: int) -> None:
    free = free_port()

    assert free_port([taken_port, free]) == free


def test_where_no_candidate_is_free_it_says_so(taken_port: int) -> None:
    with pytest.raises(PortError):
        free_port([taken_port, taken_port])


def test_a_port_whose_last_connection_is_still_closing_is_free() -> None:
    """Otherwise a server could not come back on its port for a minute."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        client = socket.create_connection((LOOPBACK, port))
        served, _ = listener.accept()
        served.close()  # the server's side closes first, and is the one that has to linger
        assert client.recv(1) == b""
        client.close()

    assert is_free(port)
