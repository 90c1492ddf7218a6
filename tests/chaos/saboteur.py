"""A worker with a saboteur inside: `python -m tests.chaos.saboteur -A conscope_app worker`.

Faust's own command, in a process where some methods of the product and of aiokafka are wrapped
(`tests/chaos/inside`). Its orders come in the environment variable SABOTAGE; what it did stands in
a diary, so that a scenario can wait for it and count it.
"""

import os
from pathlib import Path
from random import Random

import msgspec
from faust.cli.faust import cli

from tests.chaos.inside import points, watch_points
from tests.chaos.inside.faults import FAULTS
from tests.chaos.inside.hand import Hand
from tests.chaos.inside.orders import VARIABLE, Orders, SharedFolder
from tests.chaos.inside.points import Passage

MODULE = "tests.chaos.saboteur"
CAME_IN = "came in"


def infiltrate(orders: Orders) -> None:
    """Put the wrappers around the methods of this process."""
    folder = SharedFolder(Path(orders.folder), orders.name)
    lives = sum(entry.did == CAME_IN and entry.by == orders.name for entry in folder.entries())
    folder.note(CAME_IN)
    hand = Hand(folder, orders.every_s, Random(f"{orders.seed}/{orders.name}/{lives}"))
    passage = Passage(folder)
    for owner, name, wrap_point in (*points.POINTS, *watch_points.POINTS):
        setattr(owner, name, wrap_point(getattr(owner, name), passage))
    if orders.every_s:
        for owner, name, wrap in FAULTS:
            setattr(owner, name, wrap(getattr(owner, name), hand))


if __name__ == "__main__":
    text = os.environ[VARIABLE]  # noqa: TID251 orders of its own, none of the product's settings
    infiltrate(msgspec.json.decode(text, type=Orders))
    cli()
