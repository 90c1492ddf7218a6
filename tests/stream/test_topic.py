import asyncio
from typing import Any

from conscope_app.stream.slab import Slab
from tables.tickets import raw_prices


async def test_a_slab_is_taken_back_unless_the_agent_has_it() -> None:
    """What waits behind it keeps its order."""
    loop = asyncio.get_running_loop()
    first, second, third = (Slab[Any]("t", at, 0, 1, [], loop.create_future()) for at in range(3))
    for slab in (first, second, third):
        raw_prices.hand_over(slab)

    assert raw_prices.take_back(second)
    assert not raw_prices.take_back(second)
    assert [raw_prices.queue.get_nowait() for _ in range(2)] == [first, third]


def test_clones_share_one_queue() -> None:
    """Faust clones a topic for each stream: a slab must not be delivered to each of them."""
    stream_side = raw_prices.clone(is_iterator=True).clone(is_iterator=False)

    assert stream_side.queue is raw_prices.queue
