"""The couriers of all channels that watches can be told through."""

import asyncio
from collections.abc import Iterable

from conscope_app.core.delays import Delays, added
from conscope_app.notify.channels import ChannelKind
from conscope_app.notify.watch_courier import WatchCourier


class WatchCouriers:
    """One courier a channel, each at its own pace: a channel that is away holds up no other."""

    def __init__(self, couriers: Iterable[WatchCourier]) -> None:
        self._couriers = {courier.channel: courier for courier in couriers}

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that are told here."""
        return tuple(self._couriers)

    @property
    def kinds(self) -> dict[str, ChannelKind]:
        """What each of them is, by its name."""
        return {name: courier.kind for name, courier in self._couriers.items()}

    @property
    def troubles(self) -> dict[str, str]:
        """Why alerts wait, by channel; those where all is well are not in it."""
        return {
            name: courier.trouble
            for name, courier in self._couriers.items()
            if courier.trouble is not None
        }

    @property
    def delays(self) -> Delays:
        """How long new messages took, over all channels, from what raised them to the answer."""
        return added(courier.delays.report() for courier in self._couriers.values())

    def go_by(self, name: str) -> None:
        """Be the present life of a name, at each channel."""
        for courier in self._couriers.values():
            courier.go_by(name)

    def wake(self) -> None:
        """Say that something may wait."""
        for courier in self._couriers.values():
            courier.wake()

    async def run(self) -> None:
        """Tell what is due at every channel, until `close`; see `WatchCourier.run`."""
        async with asyncio.TaskGroup() as running:
            for name, courier in self._couriers.items():
                running.create_task(courier.run(), name=f"tells {name}")

    async def close(self) -> None:
        """Finish what is on its way everywhere, at the same time."""
        async with asyncio.TaskGroup() as closing:
            for courier in self._couriers.values():
                closing.create_task(courier.close())
