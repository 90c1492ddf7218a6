"""Every client of Kafka is made with the settings' options: none speaks in the clear unawares."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MADE = re.compile(r"AIOKafka(?:Consumer|Producer|AdminClient|Client)\(\s*(\S+)")


def test_every_client_takes_the_brokers_options() -> None:
    """But for those of conscope_app/local, which ask a server of ours on this machine."""
    paths = [
        path for room in ("conscope_app", "agents", "web") for path in (ROOT / room).rglob("*.py")
    ]
    made = [
        (path.relative_to(ROOT).as_posix(), first)
        for path in paths
        if "local" not in path.parts
        for first in MADE.findall(path.read_text())
    ]

    assert len(made) > 8
    assert [each for each in made if ".client_options" not in each[1]] == []
