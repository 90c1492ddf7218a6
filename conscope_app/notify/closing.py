"""The end of a sender: the message on its way, and the note of it."""

import asyncio
import logging
from typing import Any

from conscope_app.notify.notebook import Notebook
from conscope_app.notify.rounds import Rounds

_log = logging.getLogger(__name__)


async def finish_notes(rounds: Rounds, notebook: Notebook[Any], within_s: float) -> None:
    """Wait for the turn that is being taken, and for its note; no longer than `within_s`."""
    try:
        async with asyncio.timeout(within_s):
            await rounds.until_idle()
            await notebook.finish()
    except TimeoutError:
        _log.warning("the outbox or the channel did not answer while closing")
