import signal
from pathlib import Path
from random import Random

import pytest

from tests.chaos.inside.hand import LOOK_EVERY_S, Hand
from tests.chaos.inside.orders import SharedFolder
from tests.chaos.inside.points import AFTER_COMMIT, IN_TRANSACTION, Passage


@pytest.fixture
def struck(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The signals that this process would have sent to itself."""
    sent: list[int] = []
    monkeypatch.setattr(signal, "pthread_kill", lambda _thread, number: sent.append(number))
    return sent


def test_a_trap_closes_at_the_pass_that_it_names_and_only_there(
    tmp_path: Path, struck: list[int]
) -> None:
    """Other points are passed freely, and the diary tells of it before it happens."""
    shared = SharedFolder(tmp_path, "w1")
    passage = Passage(shared)
    shared.lay(AFTER_COMMIT, passes=2, deed="stop")

    for point in (IN_TRANSACTION, AFTER_COMMIT, IN_TRANSACTION):
        passage.at(point)
    assert struck == []
    passage.at(AFTER_COMMIT, partition=3)

    assert struck == [signal.SIGSTOP]
    first, last = shared.entries()
    assert (first.did, first.by) == ("stop", "w1")
    assert first.about == {"point": AFTER_COMMIT, "partition": 3}
    assert last.did == "went on"


def test_a_trap_may_be_for_one_topic(tmp_path: Path, struck: list[int]) -> None:
    """What is done with records of others does not count."""
    shared = SharedFolder(tmp_path)
    passage = Passage(shared)
    shared.lay(AFTER_COMMIT, passes=2, deed="kill", topic="market_snapshots")

    for topic in ("market_snapshots", "raw_prices", "raw_prices"):
        passage.at(AFTER_COMMIT, topic=topic)
    assert struck == []
    passage.at(AFTER_COMMIT, topic="market_snapshots")

    assert struck == [signal.SIGKILL]


def test_of_two_processes_one_falls_into_the_trap(tmp_path: Path, struck: list[int]) -> None:
    """Whoever passes first takes it away; the next one has to be laid anew."""
    shared = SharedFolder(tmp_path)
    passages = [Passage(SharedFolder(tmp_path, name)) for name in ("w1", "w2")]
    shared.lay(AFTER_COMMIT, passes=1, deed="kill")

    for passage in passages * 2:
        passage.at(AFTER_COMMIT)
    assert struck == [signal.SIGKILL]
    shared.lay(AFTER_COMMIT, passes=1, deed="kill")
    passages[1].at(AFTER_COMMIT)

    assert struck == [signal.SIGKILL, signal.SIGKILL]


def test_faults_happen_as_often_as_ordered_while_the_flag_is_up(tmp_path: Path) -> None:
    """About one in each mean time, none before the beginning and none after the end."""
    now_s = 0.0
    shared = SharedFolder(tmp_path)
    hand = Hand(shared, {"a fault": 2.0}, Random(7), lambda: now_s)

    def strikes(seconds: int) -> int:
        nonlocal now_s
        count = 0
        for _ in range(seconds * 10):
            now_s += 0.1
            count += hand.due("a fault")
        return count

    assert strikes(100) == 0
    shared.begin()
    assert 60 < strikes(200) < 140
    shared.end()
    now_s += LOOK_EVERY_S
    assert strikes(100) == 0
    assert not hand.due("a fault that was not ordered")
