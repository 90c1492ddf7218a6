"""One connection to one server, closed to its end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaError

_CLOSE_S = 1.0

# A server whose answers make no sense shows as any of these.
FAILURES = (KafkaError, OSError, EOFError, ValueError, AssertionError)


@asynccontextmanager
async def connected(
    host: str, port: int, *, timeout_s: float, **options: Any
) -> AsyncIterator[AIOKafkaConnection]:
    """Connect, and log in where the options say so. `timeout_s` is for each answer."""
    connection = AIOKafkaConnection(
        host,
        port,
        client_id="conscope-knock",
        request_timeout_ms=round(timeout_s * 1000),
        **options,
    )
    try:
        await connection.connect()
    except KafkaError:
        # aiokafka has begun to close it, and does not wait until it is closed.
        await asyncio.wait([connection.close()], timeout=_CLOSE_S)
        raise
    try:
        yield connection
    finally:
        await connection.close()
