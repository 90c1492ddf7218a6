"""What a worker warned of lately, as its reports carry it."""

import logging
from collections.abc import Iterator

import pytest
from aiokafka.errors import GroupCoordinatorNotAvailableError

from conscope_app.core.printable import Mask
from conscope_app.logs import logging_config
from conscope_app.recent_errors import MOST_CHARACTERS, MOST_KEPT, PASSES_WITHIN_S, RecentErrors

SECRET = "hunter2-hunter2"


@pytest.fixture
def recent() -> RecentErrors:
    return RecentErrors(Mask([SECRET]))


@pytest.fixture
def logger(recent: RecentErrors) -> Iterator[logging.Logger]:
    """A logger of its own that hands everything on."""
    made = logging.getLogger("recent-errors")
    made.propagate = False
    made.setLevel(logging.DEBUG)
    made.addHandler(recent)
    yield made
    made.removeHandler(recent)


def test_the_newest_come_first_and_no_more_than_a_few(
    recent: RecentErrors, logger: logging.Logger
) -> None:
    """What is no warning is none of them."""
    for number in range(MOST_KEPT + 3):
        logger.warning("number %d", number)
    logger.info("all is well")

    newest = recent.newest()
    assert [each.text for each in newest] == [
        f"number {number}" for number in range(MOST_KEPT + 2, 2, -1)
    ]
    assert {(each.level, each.logger, each.times) for each in newest} == {
        ("warning", "recent-errors", 1)
    }


def test_what_is_said_again_is_counted(recent: RecentErrors, logger: logging.Logger) -> None:
    """It drives out nothing else, and comes to the front."""
    logger.error("once")
    for _ in range(50):
        logger.warning("Kafka does not answer")
    logger.error("once")

    assert [(each.text, each.times) for each in recent.newest()] == [
        ("once", 2),
        ("Kafka does not answer", 50),
    ]


def test_no_secret_and_no_order_to_a_terminal_gets_in(
    recent: RecentErrors, logger: logging.Logger
) -> None:
    """Neither whole nor cut, from the message or from the error that came with it."""
    logger.warning("%s\x1b[2J\n%s", SECRET, "x" * (MOST_CHARACTERS - 20) + SECRET)
    try:
        int(SECRET)
    except ValueError:
        logger.exception("it failed")

    failed, long = recent.newest()
    assert failed.text == (
        "it failed: ValueError: invalid literal for int() with base 10: '[secret]'"
    )
    assert long.text.startswith("[secret]\\x1b[2J\\n")
    assert len(long.text) == MOST_CHARACTERS
    assert "hunter" not in long.text


def test_what_passes_by_itself_is_kept_only_where_it_goes_on(
    recent: RecentErrors, logger: logging.Logger
) -> None:
    """A Kafka that starts has no coordinator for some seconds, each time it starts."""
    said = "Group Coordinator Request failed: %s"

    def say(at: float) -> None:
        arguments = (GroupCoordinatorNotAvailableError(),)
        record = logger.makeRecord(logger.name, logging.ERROR, "", 0, said, arguments, None)
        record.created = at
        recent.handle(record)

    for start in (1_000.0, 9_000.0):
        for seconds in range(10):
            say(start + seconds)
    assert recent.newest() == []

    for seconds in range(10, 10 + int(PASSES_WITHIN_S)):
        say(9_000.0 + seconds)
    (kept,) = recent.newest()
    assert kept.text.startswith("Group Coordinator Request failed: [Error 15]")
    assert kept.times == 9

    logger.error("Group Coordinator Request failed: %s", OSError("no route"))
    assert recent.newest()[0].text == "Group Coordinator Request failed: no route"


def test_the_workers_logging_fills_it(recent: RecentErrors) -> None:
    """Beside what goes to standard error, for every logger."""
    config = logging_config("info", Mask(), recent)

    assert config["root"]["handlers"] == ["stderr", "recent"]
    assert config["handlers"]["recent"]["()"]() is recent
