"""Losses: whether somebody has acknowledged what was removed before it was read."""

import logging

import psycopg2

from conscope_app import app
from conscope_app.store.losses import read_acknowledged
from conscope_app.stream.losses import Origin, unacknowledged

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 3.0


@app.task  # type: ignore[untyped-decorator]  # Faust gives it no type
async def look_for_acknowledgements() -> None:
    """Look at the start, and again every few seconds for as long as an alarm stands anywhere.

    What cannot be read changes nothing: while the database is away, an alarm stays.
    """
    await _look()
    while not app.should_stop:
        await app.sleep(LOOK_EVERY_S)
        if unacknowledged(app.losses(), app.acknowledged):
            await _look()


async def _look() -> None:
    try:
        read = await read_acknowledged(app.services.database)
    except psycopg2.Error as error:
        logger.warning("which losses are acknowledged cannot be read: %s", error)
    else:
        app.acknowledged = {Origin(*key): lost for key, lost in read.items()}
