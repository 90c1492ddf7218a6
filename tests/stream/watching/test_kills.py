"""What watched prices lead to is the same, whatever dies in between."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.alerting.watches.stories import a_watch
from tests.stream.watch_logs import Partition, WatchedLog


def story(dice: random.Random) -> WatchedLog:
    """Some events, watches that come and go, and time that passes."""
    log = WatchedLog()
    events = ["a", "b", "c"]
    wishes: list[dict[str, Any]] = [
        {"when": {"target": {"at_most": 100}}, "sure": {"hold_s": 30, "over_s": 20}},
        {"when": {"drop": {"percent": 10}}, "what": {"each": "item"}},
        {"when": {"low": {"or_equal": True}}, "what": {"subjects": ["a", "b"]}},
        {"when": {"target": {"at_most": 90}, "on_create": True}, "what": {"together": 2}},
        {"when": {"happens": ["on_sale", "cancelled"]}, "sure": {"hold_s": 20}},
        {"when": {"happens": ["vanished", "came_back"]}, "what": {"each": "item"}},
    ]
    versions = [0] * len(wishes)
    for _ in range(120):
        event = dice.choice(events)
        match dice.randrange(12):
            case 0 | 1:
                at = dice.randrange(len(wishes))
                versions[at] += 1
                watch = a_watch(f"w{at}", version=versions[at], **wishes[at])
                own = watch.what.subjects
                if versions[at] > 1 or not own:
                    log.made(watch, subject="")
                for subject in own or events:
                    log.made(watch, subject=subject)
            case 2:
                at = dice.randrange(len(wishes))
                versions[at] += 1
                log.deleted(f"w{at}", versions[at])
            case 3:
                log.wait(seconds=dice.randrange(60)).tick(event)
            case 4:
                log.price(1, dice.choice("123"), event, quantity=0)
            case 5:
                log.happens(dice.choice(["on_sale", "sold_out", "cancelled", "back_on"]), event)
            case _:
                log.price(dice.randrange(70, 130), dice.choice("123"), event)
    return log


def slabs(log: WatchedLog, dice: random.Random) -> Iterator[list[Any]]:
    """The log in runs of random length."""
    rest = log.records
    while rest:
        size = dice.randrange(1, 20)
        yield rest[:size]
        rest = rest[size:]


@pytest.mark.parametrize("seed", range(40))
def test_kills_slabs_and_memory_make_no_difference(tmp_path: Path, seed: int) -> None:
    """The decisions of one slab after the other, some lost and done again, are those of one."""
    dice = random.Random(seed)
    log = story(dice)
    whole = Partition(tmp_path / "whole")
    whole.take_rest(log)

    cut = Partition(tmp_path / "cut", most_held=dice.choice([1, 8, 40_000]))
    for slab in slabs(log, dice):
        match dice.randrange(4):
            case 0:
                cut.lose(slab)
            case 1:
                cut.reopen()
        cut.take(slab)

    assert len(whole.decisions) > 3
    assert cut.decisions == whole.decisions
    assert [*cut.rows.items()] == [*whole.rows.items()]
