"""A courier, its outbox in memory, and the time that both go by."""

from collections.abc import AsyncIterator

import pytest

from conscope_app.notify.courier import Courier
from conscope_app.notify.discord import DiscordNotifier
from tests.notify.courier.couriers import a_courier
from tests.notify.memory_outbox import MemoryOutbox
from tests.notify.moved_clock import MovedClock


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def outbox(clock: MovedClock) -> MemoryOutbox:
    return MemoryOutbox(clock)


@pytest.fixture
async def courier(outbox: MemoryOutbox, notifier: DiscordNotifier) -> AsyncIterator[Courier]:
    yield a_courier(outbox, notifier)
