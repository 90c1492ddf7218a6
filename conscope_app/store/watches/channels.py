"""What channels of watches are called in `delivery_targets`, and holding several of them."""

from collections.abc import Iterable

from conscope_app.store.engine import Connection
from conscope_app.store.targets import hold

# Another channel of the same name (`discord`) has a lease, a budget and pauses of its own.
_PREFIX = "watches:"

# No lease of a watch courier is longer. A clock that went back is noticed by a lease that ends
# later than any that can have been written.
LONGEST_LEASE_S = 60.0


def target_of(channel: str) -> str:
    """The name of a watch's channel in `delivery_targets`."""
    return f"{_PREFIX}{channel}"


def hold_channels(connection: Connection, channels: Iterable[str]) -> None:
    """Lock the lines of these channels until the end of the transaction, all in one order."""
    for channel in sorted(set(channels)):
        values = {"channel": target_of(channel), "lease_s": LONGEST_LEASE_S, "clock": None}
        hold(connection, values)
