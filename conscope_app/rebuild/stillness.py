"""Nobody may work while something is rebuilt."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, for_code

from conscope_app.kafka.brokers import Brokers
from conscope_app.kafka.starting import start_client

_AGAIN_AFTER_S = 0.5

# A new Kafka makes the topic of its groups when it is first asked for one.
_ANSWER_WITHIN_S = 60.0


class CannotRebuild(Exception):
    """Why nothing can be rebuilt, or not all of it; a sentence for the person who asked for it."""


async def until_still(brokers: Brokers, groups: Sequence[str], patience_s: float) -> None:
    """Return when no consumer group has a member; raises `CannotRebuild` after `patience_s`.

    A worker that was killed stays a member until its session is over.
    """
    admin = AIOKafkaAdminClient(**brokers.client_options)
    try:
        await start_client(admin, brokers)
        members = await _members(admin, groups)
        try:
            async with asyncio.timeout(patience_s):
                while members:
                    await asyncio.sleep(_AGAIN_AFTER_S)
                    members = await _members(admin, groups)
        except TimeoutError:
            raise CannotRebuild(
                f"workers are alive: {', '.join(members)}; stop all of them first"
            ) from None
    finally:
        await admin.close()


async def _members(admin: AIOKafkaAdminClient, groups: Sequence[str]) -> list[str]:
    """The members of the groups, each as its group and where it runs."""
    found = []
    for group in groups:
        members = await _members_of(admin, group)
        found += [f"{group} has a member at {host}" for _id, _client, host, *_ in members]
    return sorted(found)


async def _members_of(admin: AIOKafkaAdminClient, group: str) -> list[Any]:
    async with asyncio.timeout(_ANSWER_WITHIN_S):
        while True:
            try:
                # One group at a time: aiokafka 0.14 reads the third version of the answer as the
                # second, which lacks a number behind each group, and stumbles over all but one.
                (answer,) = await admin.describe_consumer_groups([group])
                ((code, _group, _state, _kind, _protocol, members, *_),) = answer.groups
                if code:
                    raise for_code(code)(f"cannot ask for the members of {group}")
                return list(members)
            except KafkaError as error:
                if not error.retriable:
                    raise
                await asyncio.sleep(_AGAIN_AFTER_S)
