"""Dead letters: how a record that cannot be taken is kept, with the reason and the way back.

The raw bytes stay as they came; what is known about the failure stands in headers under Kafka
Connect's names, so that tools made for Connect's dead letter queues read ours too. Stack traces are
never among them: a reason, a sentence and the record's place say more, in bounded space.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from conscope_app.core.ids import RecordId
from conscope_app.core.record import Record, framed_size
from conscope_app.core.refusal import Reason
from conscope_app.stream.outcome import Output

# Kafka's own default for the largest record batch: a megabyte, and its overhead.
MAX_RAW_BYTES = 1_048_588
# Whatever fits `raw_prices` fits its dead letters together with the headers that we add. Only a
# record that its producer compressed can be larger than this once it is unpacked.
MAX_DEAD_BYTES = MAX_RAW_BYTES + 2 * 1024 * 1024
MAX_MESSAGE_CHARACTERS = 1_000

_CONNECT = "__connect.errors."
TOPIC = f"{_CONNECT}topic"
PARTITION = f"{_CONNECT}partition"
OFFSET = f"{_CONNECT}offset"
CONNECTOR = f"{_CONNECT}connector.name"
STAGE = f"{_CONNECT}stage"
EXCEPTION = f"{_CONNECT}exception.class.name"
MESSAGE = f"{_CONNECT}exception.message"
REASON = "conscope.reason"
CUT = "conscope.cut"
REPLAYED = "conscope.replayed"
REPLAYED_FROM = "conscope.replayed-from"
REKEYED_FROM = "conscope.rekeyed-from"

_OURS = frozenset({REASON, CUT, REPLAYED})
_REFUSED = "conscope_app.core.refusal.Refused"
# Room for our headers (a message of 1,000 characters is at most 4,000 bytes) and Kafka's framing.
_ROOM_FOR_HEADERS = 16_384
_KEPT_WHEN_CUT = 65_536

Header = tuple[str, bytes]


class DeadLetter(NamedTuple):
    """What the headers of a dead letter say."""

    origin: RecordId
    reason: str
    message: str
    stage: str
    connector: str
    exception: str
    cut: str | None  # sizes before the cut, where the record was too large to be kept whole


def dead_letter(
    record: Record,
    reason: Reason,
    message: str,
    *,
    stage: str,
    connector: str,
    exception: str = _REFUSED,
) -> Output:
    """Wrap a record that cannot be taken: key, value and headers as they came, ours added last.

    It belongs into the partition of `raw_prices.dead` that has the number of the record's own.
    The message is cut at 1,000 characters. A record that is larger than the dead letter topic
    takes (its producer compressed it) loses its own headers and keeps the first 64 KiB of key and
    value; the header `conscope.cut` then tells the sizes, and the whole of it stays in its own
    topic as long as that keeps it. A record with neither key nor value, which aiokafka refuses to
    send, gets an empty value.
    """
    described = [
        (TOPIC, record.topic),
        (PARTITION, str(record.partition)),
        (OFFSET, str(record.offset)),
        (CONNECTOR, connector),
        (STAGE, stage),
        (EXCEPTION, exception),
        (MESSAGE, message[:MAX_MESSAGE_CHARACTERS]),
        (REASON, str(reason)),
    ]
    key, value = record.key, record.value
    kept: Sequence[Header] = [(name, content or b"") for name, content in record.headers]
    sizes = (len(key or b""), len(value or b""), framed_size(kept))
    if sum(sizes) > MAX_DEAD_BYTES - _ROOM_FOR_HEADERS:
        described.append((CUT, "key {}, value {}, headers {} bytes".format(*sizes)))
        kept = ()
        key = key[:_KEPT_WHEN_CUT] if key is not None else None
        value = value[:_KEPT_WHEN_CUT] if value is not None else None
    if key is None and value is None:
        value = b""
    ours = [(name, text.encode("utf-8", "backslashreplace")) for name, text in described]
    return Output(key, value, (*kept, *ours))


def parse(headers: Iterable[Header]) -> DeadLetter:
    """Read a dead letter's headers; raises ValueError where they are not those of one.

    Where a name comes twice the last one counts: the earlier one came with the record itself. So
    did a `conscope.cut` that does not stand behind our own headers, which not every letter has.
    """
    said: dict[str, str] = {}
    for name, content in headers:
        if name == TOPIC:
            said.pop(CUT, None)
        said[name] = (content or b"").decode("utf-8", "replace")
    try:
        return DeadLetter(
            origin=RecordId(said[TOPIC], int(said[PARTITION]), int(said[OFFSET])),
            reason=said.get(REASON, ""),
            message=said.get(MESSAGE, ""),
            stage=said.get(STAGE, ""),
            connector=said.get(CONNECTOR, ""),
            exception=said.get(EXCEPTION, ""),
            cut=said.get(CUT),
        )
    except KeyError as missing:
        raise ValueError(f"no dead letter: the header {missing} is missing") from missing


def replay_headers(headers: Iterable[Header], origin: RecordId) -> list[Header]:
    """The headers a replayed record travels with: its own, without ours, and where it came from.

    A mark of an earlier re-keying goes too, since the record is put under its right key again.
    """
    dropped = _OURS | {REPLAYED_FROM, REKEYED_FROM}
    own = [
        (name, content or b"")
        for name, content in headers
        if name not in dropped and not name.startswith(_CONNECT)
    ]
    return [*own, (REPLAYED_FROM, f"{origin.partition}-{origin.offset}".encode())]


def replay_marker(key: bytes | None, origin: RecordId) -> Output:
    """The record that, beside the dead letter, remembers that its origin was replayed."""
    said = str(origin).encode()
    return Output(key, said, ((REPLAYED, said),))


def replayed_id(headers: Iterable[Header]) -> RecordId | None:
    """Which record a replay marker speaks of; None where the headers are not a marker's.

    A dead letter is no marker, whatever headers its record brought along.
    """
    said = dict(headers)
    if REPLAYED not in said or TOPIC in said:
        return None
    return RecordId.parse(said[REPLAYED].decode("utf-8", "replace"))
