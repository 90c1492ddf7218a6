"""`produce` on the command line, as a person types it."""

import asyncio
import os
import signal

import pytest

from conscope_app.commands.exit_code import stop_on_signals
from tests.commands.shell import conscope


def test_unknown_source_is_an_error_that_lists_the_known() -> None:
    """Exit code 2 and one sentence, not a traceback."""
    ended = conscope("produce", "seatgeek")

    assert ended.code == 2
    assert "there is no source 'seatgeek'; there is mock" in ended.errors
    assert "Traceback" not in ended.errors


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("--for", "soon", "write 90, 90s, 2m, 1h or 2d"),
        ("--rate", "nan", "write a number of records"),
    ],
)
def test_bad_number_is_a_usage_error(option: str, value: str, problem: str) -> None:
    """An option that cannot be read says how it is written."""
    ended = conscope("produce", "mock", option, value)

    assert ended.code == 2
    assert problem in ended.errors


def test_kafka_that_is_away_is_one_sentence() -> None:
    """Exit code 1, and which setting to look at."""
    ended = conscope("produce", "mock", "--count", "1", kafka_url="kafka://127.0.0.1:1")

    assert ended.code == 1
    assert "no Kafka answers at 127.0.0.1:1" in ended.errors
    assert "Traceback" not in ended.errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_signal_asks_to_stop(number: signal.Signals) -> None:
    """The first signal sets the event, and gives the second its usual meaning back."""
    stop = stop_on_signals()
    os.kill(os.getpid(), number)
    async with asyncio.timeout(10):
        await stop.wait()

    loop = asyncio.get_running_loop()
    assert not loop.remove_signal_handler(signal.SIGINT)
    assert not loop.remove_signal_handler(signal.SIGTERM)
