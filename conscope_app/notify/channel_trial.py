"""The trial of a channel: one message of one line through it, as it is set now."""

import asyncio
from uuid import uuid4

from conscope_app.alerting.watches.announcement import trial
from conscope_app.core.clock import Clock, monotonic_s
from conscope_app.notify.base import Receipt
from conscope_app.notify.open_channels import channels_for
from conscope_app.settings import Settings

# To begin to send; how long sending may take is the channel's own.
_PATIENCE_S = 30.0
_ID_LENGTH = 24


class NoSuchChannel(LookupError):
    """The settings have no channel of this name; the message says which they have."""

    def __init__(self, name: str, channels: list[str]) -> None:
        super().__init__(f"there is no channel {name!r}; there is {', '.join(channels)}")


async def try_channel(settings: Settings, clock: Clock, name: str) -> Receipt:
    """Tell people once that the channel works, with a connection of its own.

    Nothing of it is kept, and a channel that is disabled stays so. Raises `NotifyError` where it
    was not told, `NoSuchChannel`, and `BadChannels` where the channels file cannot be used.
    """
    channels = await asyncio.to_thread(channels_for, settings, clock)
    try:
        if name not in channels:
            raise NoSuchChannel(name, [*channels])
        message = trial(name, uuid4().hex[:_ID_LENGTH], clock())
        return await channels[name].send(message, before=monotonic_s() + _PATIENCE_S)
    finally:
        for each in channels.values():
            await each.close()
