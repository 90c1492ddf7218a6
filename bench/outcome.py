"""What a contestant has written, counted and compared with what it had to write."""

from collections import Counter
from collections.abc import Mapping

import msgspec

from bench.reading import messages
from bench.workload import Expected


class _Processed(msgspec.Struct, gc=False):
    id: str
    kind: str
    price: float


class _Alert(msgspec.Struct, gc=False):
    id: str
    old_price: float
    new_price: float


_decode_processed = msgspec.json.Decoder(_Processed).decode
_decode_alert = msgspec.json.Decoder(_Alert).decode


class Outcome:
    """The records of a contestant's two output topics, as far as they were committed."""

    def __init__(self, bootstrap: str) -> None:
        self.kinds: Counter[str] = Counter()
        self.alerts = 0
        self.dropped_cents = 0
        self.ids: set[str] = set()
        self._bootstrap = bootstrap

    def read(self, processed: str, alerts: str, ends: Mapping[str, Mapping[int, int]]) -> None:
        """Read both topics up to their ends."""
        for message in messages(self._bootstrap, processed, ends[processed]):
            price = _decode_processed(message.value() or b"")
            self.kinds[price.kind] += 1
            self.ids.add(price.id)
        for message in messages(self._bootstrap, alerts, ends[alerts]):
            alert = _decode_alert(message.value() or b"")
            self.alerts += 1
            self.dropped_cents += round((alert.old_price - alert.new_price) * 100)

    def wrong(self, expected: Expected) -> str | None:
        """What differs; None where it is as it must be."""
        differences = {
            "kinds": (dict(self.kinds), dict(expected.kinds)),
            "distinct ids": (len(self.ids), expected.records),
            "alerts": (self.alerts, expected.kinds["drop"]),
            "cents dropped": (self.dropped_cents, expected.dropped_cents),
        }
        said = [
            f"{what}: {found}, not {wanted}"
            for what, (found, wanted) in differences.items()
            if found != wanted
        ]
        return "; ".join(said) or None


def records_between(
    bootstrap: str, topic: str, begins: Mapping[int, int], ends: Mapping[int, int]
) -> int:
    """How many committed records lie between two places: offsets also number markers."""
    return sum(1 for _ in messages(bootstrap, topic, ends, begins))


def kinds_between(
    bootstrap: str, processed: str, begins: Mapping[int, int], ends: Mapping[int, int]
) -> Counter[str]:
    """How the prices moved that lie between two places of the processed ones."""
    found = messages(bootstrap, processed, ends, begins)
    return Counter(_decode_processed(message.value() or b"").kind for message in found)
