"""Many clients of a live page, and how old what they know is."""

import asyncio
from datetime import UTC, datetime

import pytest

from bench.live_listeners import Ages, Crowd, Listener

AT = datetime(2026, 3, 1, 14, 3, 22, tzinfo=UTC)
LATER = datetime(2026, 3, 1, 14, 3, 23, 250_000, tzinfo=UTC)
TOLD = b'f3\r\nid: 1\nevent: panels\ndata: {"as_of":"2026-03-01T14:03:22Z","panels":{}}\n\n\r\n'
TOLD_LATER = TOLD.replace(b"22Z", b"23.25Z")


class _Transport(asyncio.Transport):
    """Takes the request."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """It goes nowhere."""


@pytest.fixture
def crowd() -> Crowd:
    """Of one client, whose ages count."""
    made = Crowd(1)
    made.counts = True
    return made


def listening(crowd: Crowd) -> Listener:
    """A client that has asked."""
    made = Listener(crowd, b"GET /live HTTP/1.1\r\n\r\n")
    made.connection_made(_Transport())
    return made


@pytest.mark.parametrize("cut", range(len(TOLD)))
def test_a_moment_is_found_wherever_what_came_was_cut(crowd: Crowd, cut: int) -> None:
    """TCP knows of no events."""
    listener = listening(crowd)
    listener.data_received(TOLD[:cut])
    listener.data_received(TOLD[cut:] + TOLD_LATER[:cut])
    listener.data_received(TOLD_LATER[cut:])

    assert listener.as_of == LATER.timestamp()
    assert crowd.told == 2
    assert crowd.all_told.is_set()


def test_the_same_moment_again_is_nothing_newer(crowd: Crowd) -> None:
    """A ping repeats what was told."""
    listener = listening(crowd)
    listener.data_received(TOLD)
    listener.data_received(b'event: ping\ndata: {"as_of":"2026-03-01T14:03:22Z","age_s":1.0}\n\n')

    assert (listener.as_of, crowd.told) == (AT.timestamp(), 1)


def test_who_is_let_go_is_counted_and_looked_at_no_more(crowd: Crowd) -> None:
    """Its age would only grow."""
    listening(crowd).connection_lost(None)

    assert (crowd.left, len(crowd.listening)) == (1, 0)


def test_ages_are_told_by_the_share_that_stays_under_them() -> None:
    """In steps of five milliseconds; the most is exact."""
    ages = Ages()
    for ms in range(1, 1_001):
        ages.add(ms / 1_000)

    assert 500 <= ages.centile(0.5) <= 510
    assert 990 <= ages.centile(0.99) <= 1_000
    assert ages.most_ms == 1_000
