"""A topic whose channel carries slabs, fed by `Feed` instead of Faust's own consumer."""

from typing import Any

import faust
from mode.utils.queues import FlowControlEvent, ThrowableQueue

from conscope_app.stream.slab import Slab


class SlabTopic(faust.Topic):
    """A Kafka topic that agents read slab by slab; `app.topic(name, …)` makes one.

    Every clone that Faust makes of it (one a stream) shares one queue, and none of them is
    registered with Faust's conductor: a slab is delivered once, and a rebalance cannot wipe the
    queue behind our back.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("queue") is None:
            running = FlowControlEvent(initially_suspended=False)
            kwargs["queue"] = ThrowableQueue(flow_control=running)
        super().__init__(*args, **kwargs)

    def _clone_args(self) -> dict[str, Any]:
        return {**super()._clone_args(), "queue": self.queue}

    def __aiter__(self) -> Any:
        return self if self.is_iterator else self.clone(is_iterator=True)

    def hand_over(self, slab: Slab[Any]) -> None:
        """Queue a slab for the topic's agent. Feeds bound how many are under way."""
        self.queue.put_nowait(slab)

    def take_back(self, slab: Slab[Any]) -> bool:
        """Withdraw a slab that the agent has not taken yet; False where it has."""
        waiting = [self.queue.get_nowait() for _ in range(self.queue.qsize())]
        for each in waiting:
            if each is not slab:
                self.queue.put_nowait(each)
        return any(each is slab for each in waiting)
