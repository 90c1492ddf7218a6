"""Whether Kafka lets us in, and if not, why: what aiokafka itself only writes into its log.

Its clients try every server, drop each one's error, and say that none was to be had.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiokafka.protocol.metadata import MetadataRequest

from conscope_app.kafka.brokers import Brokers
from conscope_app.kafka.connection import FAILURES, connected
from conscope_app.kafka.shut_door import Trouble, trouble_at

TIMEOUT_S = 10.0


@dataclass(frozen=True)
class _Visit:
    """What came of speaking to one server: those that it names, or why it could not be done."""

    trouble: Trouble | None = None
    named: Sequence[str] = ()


async def knock(brokers: Brokers, *, timeout_s: float = TIMEOUT_S) -> Trouble | None:
    """None where Kafka lets us in; else why not, in a sentence that holds no secret.

    It is enough that one server of the settings does, and one of those that it names: these are
    what clients speak to. `timeout_s` is for each answer.
    """
    visits = await _visit_until_let_in(brokers, brokers.addresses, timeout_s)
    last = visits[-1]
    if last.trouble is not None or any(each in last.named for each in brokers.addresses):
        return _together(visits)
    if not last.named:
        return None  # a cluster that has just been made names nobody yet
    return _together(await _visit_until_let_in(brokers, last.named, timeout_s))


async def _visit_until_let_in(
    brokers: Brokers, addresses: Iterable[str], timeout_s: float
) -> list[_Visit]:
    visits = []
    for address in addresses:
        visits.append(await _visit(brokers, address, timeout_s))
        if visits[-1].trouble is None:
            break
    return visits


async def _visit(brokers: Brokers, address: str, timeout_s: float) -> _Visit:
    host, _, port = address.rpartition(":")
    try:
        async with connected(
            host.strip("[]"), int(port), timeout_s=timeout_s, **brokers.connection_options
        ) as connection:
            answer = await connection.send(MetadataRequest([]))
    except FAILURES as error:
        return _Visit(await trouble_at(address, brokers, error, timeout_s))
    return _Visit(named=[f"{each[1]}:{each[2]}" for each in answer.brokers])


def _together(visits: Sequence[_Visit]) -> Trouble | None:
    troubles = [visit.trouble for visit in visits if visit.trouble is not None]
    if len(troubles) < len(visits):
        return None
    return Trouble(
        "; ".join(trouble.why for trouble in troubles), all(trouble.lasts for trouble in troubles)
    )
