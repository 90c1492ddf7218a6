"""Which processed prices are among the watched ones, against which have to be. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec
from aiokafka import ConsumerRecord

from conscope_app.alerting.watches.control import SIGNAL
from conscope_app.core.ids import RecordId
from tests.chaos.watches.findings import Findings


class Price(NamedTuple):
    """A price as it stands in a topic; `at` is when it was written there, seconds of the epoch."""

    id: str
    event: str
    value: bytes
    at: float


class _Named(msgspec.Struct):
    id: str
    event_id: str


_decode = msgspec.json.Decoder(_Named).decode


def prices_of(records: Iterable[ConsumerRecord]) -> Iterator[Price]:
    """The prices among the records, in their order."""
    for record in records:
        if any(name == SIGNAL for name, _ in record.headers):
            continue
        named = _decode(record.value)
        yield Price(named.id, named.event_id, record.value, record.timestamp / 1000)


def compare_forwarded(
    processed: Iterable[Price],
    watched: Iterable[Price],
    watched_since: Callable[[str], float | None],
) -> Findings:
    """What was processed of an event since it was watched stands among the watched, once.

    Since always means since 0, and None never. Before that time the newest prices of the history
    may stand there, as often as they were told to a watch that was new.
    """
    findings = Findings()
    known = {price.id: price for price in processed}
    times: Counter[str] = Counter()
    last: dict[tuple[str, int], int] = defaultdict(lambda: -1)
    for price in watched:
        source = known.get(price.id)
        times[price.id] += 1
        if source is None or source.event != price.event:
            findings.object_to(f"{price.id} among the watched prices, which was not processed")
            continue
        if watched_since(price.event) != 0:
            continue  # it may be one of the history's
        if price.value != source.value:
            findings.object_to(f"{price.id} among the watched prices, which was changed")
        raw = RecordId.parse(price.id)
        if raw.offset < last[price.event, raw.partition]:
            findings.object_to(f"{price.id} among the watched prices, behind a later one")
        last[price.event, raw.partition] = raw.offset
    for price in known.values():
        since = watched_since(price.event)
        if since is None or price.at < since:
            continue
        if times[price.id] == 0:
            findings.miss(f"{price.id} of {price.event} among the watched prices")
        elif times[price.id] > 1:
            findings.double(f"{price.id} of {price.event}", times=times[price.id])
    return findings
