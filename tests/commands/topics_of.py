"""Remove the pipeline's topics from a broker."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient

from conscope_app.topics.tickets import ALL


def delete_topics(bootstrap: str) -> None:
    """Delete them all; returns when the broker no longer lists them."""
    asyncio.run(_delete(bootstrap))


async def _delete(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        names = {spec.name for spec in ALL} & set(await admin.list_topics())
        if names:
            await admin.delete_topics(sorted(names))
        async with asyncio.timeout(30):
            while names & set(await admin.list_topics()):
                pass
    finally:
        await admin.close()
