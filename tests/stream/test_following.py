"""A topic of one partition, read from its start and followed."""

import asyncio
from contextlib import aclosing

import pytest

from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.following import News, follow
from conscope_app.stream.sender import Sender

pytestmark = pytest.mark.broker


async def test_of_an_empty_topic_all_is_known_before_anything_is_fetched(
    brokers: Brokers, topic: str
) -> None:
    async with asyncio.timeout(30), aclosing(follow(brokers, topic)) as following:
        assert await anext(following) == News((), 0, caught_up=True)


async def test_what_was_there_is_known_when_it_has_been_read(
    brokers: Brokers, topic: str, sender: Sender
) -> None:
    await sender.send(topic, 0, [(b"a", b"1", ()), (b"b", b"2", ())])
    async with asyncio.timeout(30), aclosing(follow(brokers, topic)) as following:
        assert await anext(following) == News((), 0, caught_up=False)
        seen: list[bytes] = []
        async for news in following:
            seen += [record.value for record in news.records]
            assert news.caught_up == (len(seen) == 2)
            if news.caught_up:
                break

        await sender.send(topic, 0, [(b"a", b"3", ())])
        while len(seen) < 3:
            seen += [record.value for record in (await anext(following)).records]

    assert seen == [b"1", b"2", b"3"]
