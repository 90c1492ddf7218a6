"""Send dead letters, repaired where they can be, back to where they are taken."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.structs import RecordMetadata

from conscope_app.core.ids import RecordId
from conscope_app.domains.tickets.market import MarketSnapshot
from conscope_app.domains.tickets.records import PriceEvent, RawPrice
from conscope_app.domains.tickets.seat_key import seat_key
from conscope_app.kafka.brokers import Brokers
from conscope_app.kafka.starting import start_client
from conscope_app.stream.dead_letters import (
    MAX_DEAD_BYTES,
    DeadLetter,
    replay_headers,
    replay_marker,
)
from conscope_app.stream.shelf import Shelved, Wanted

_TRANSACTIONAL_ID = "conscope-dead-letters-replay"
_RECORDS_A_TRANSACTION = 500

_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
# Holds processed prices whose own way went on: to replay one would say that it was seen again.
_WATCHED = "watched_prices"

_MARKETS, _PROCESSED_MARKETS = "market_snapshots", "processed_markets"

_AMOUNTS = frozenset({"price", "fees", "total_price", "quantity"}) | {
    *("lowest", "median", "average", "highest", "listing_count")
}
_MARKET_FIELDS = frozenset(field.name for field in msgspec.structs.fields(MarketSnapshot))
# `facts` is an object: nobody types one.
_FIELDS = (
    *(field.name for field in msgspec.structs.fields(RawPrice)),
    *sorted(_MARKET_FIELDS - {"facts"} - set(RawPrice.__struct_fields__)),
)
_EVENT_FIELDS = frozenset(field.name for field in msgspec.structs.fields(PriceEvent))


class _KeyParts(msgspec.Struct):
    event_id: str
    source: str
    section: str
    row: str
    seat: str
    listing_id: object = None  # of any type: whether it is good is for validation to say


class _EventPart(msgspec.Struct):
    event_id: str


_decode_event_part = msgspec.json.Decoder(_EventPart).decode
_decode_key_parts = msgspec.json.Decoder(_KeyParts).decode


class Sent(NamedTuple):
    """A dead letter as it goes back: where to, and its new key, value and headers."""

    shelved: Shelved
    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class NotSent(NamedTuple):
    """A dead letter that cannot go back, and why."""

    shelved: Shelved
    why: str


def plan(
    shelves: Iterable[Shelved],
    wanted: Wanted,
    raw_topic: str,
    repairs: Mapping[str, msgspec.Raw],
    *,
    again: bool,
) -> tuple[list[Sent], list[NotSent]]:
    """What a replay of the wanted letters would send, and what it would not, with the reason.

    An origin goes back once, however many letters speak of it.
    """
    sent: dict[RecordId, Sent] = {}
    not_sent: list[NotSent] = []
    for shelved in shelves:
        if not wanted.wants(shelved) or shelved.letter.origin in sent:
            continue
        if shelved.replayed and not again:
            not_sent.append(NotSent(shelved, "it was replayed before; --again sends it once more"))
            continue
        try:
            sent[shelved.letter.origin] = _mend(shelved, raw_topic, repairs)
        except ValueError as error:
            not_sent.append(NotSent(shelved, str(error)))
    return list(sent.values()), not_sent


def parse_repairs(texts: Iterable[str]) -> dict[str, msgspec.Raw]:
    """Read `field=value` as it would stand in the JSON; amounts are numbers, `null` is null."""
    repairs = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or name not in _FIELDS:
            raise ValueError(f"--set {text!r}: write field=value, with one of {', '.join(_FIELDS)}")
        repairs[name] = msgspec.Raw(_as_json(name, value))
    return repairs


def _as_json(name: str, value: str) -> bytes:
    if value == "null":
        return b"null"
    if name not in _AMOUNTS:
        return msgspec.json.encode(value)
    try:
        msgspec.json.decode(value, type=int | float)
    except msgspec.DecodeError as error:
        raise ValueError(f"--set {name}={value}: that is no number") from error
    return value.encode()


def _mend(shelved: Shelved, raw_topic: str, repairs: Mapping[str, msgspec.Raw]) -> Sent:
    record, letter, _ = shelved
    if letter.cut is not None:
        raise ValueError(f"it was too large to be kept whole ({letter.cut})")
    value = record.value or b""
    is_market = letter.origin.topic in (_MARKETS, _PROCESSED_MARKETS)
    fields: dict[str, msgspec.Raw] = {}
    if letter.origin.topic == _PROCESSED_MARKETS:
        fields = {name: raw for name, raw in _fields_of(value).items() if name in _MARKET_FIELDS}
    elif not is_market and letter.origin.topic != raw_topic:
        fields = _price_event_of(value, letter)
    if is_market and not repairs.keys() <= _MARKET_FIELDS:
        strangers = ", ".join(sorted(repairs.keys() - _MARKET_FIELDS))
        raise ValueError(f"it is a market snapshot, which has no {strangers}")
    if fields or repairs:
        value = msgspec.json.encode({**(fields or _fields_of(value)), **repairs})
    topic, key = (_MARKETS, _event_key_of(value)) if is_market else (raw_topic, _key_of(value))
    return Sent(shelved, topic, key, value, replay_headers(record.headers, letter.origin))


def _fields_of(value: bytes) -> dict[str, msgspec.Raw]:
    try:
        return _decode_fields(value)
    except msgspec.DecodeError as error:
        raise ValueError(f"it is no JSON object ({error}); there is no field to set") from error


def _price_event_of(value: bytes, letter: DeadLetter) -> dict[str, msgspec.Raw]:
    """The price event inside a processed price that the database refused."""
    fields = _fields_of(value)
    if "kind" not in fields or letter.origin.topic == _WATCHED:
        raise ValueError(
            f"it is of {letter.origin.topic}, which is made from prices; replay its price instead"
        )
    return {name: raw for name, raw in fields.items() if name in _EVENT_FIELDS}


def _key_of(value: bytes) -> bytes:
    try:
        parts = _decode_key_parts(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"it names no seat ({error}); repair it with --set") from error
    listing_id = parts.listing_id if isinstance(parts.listing_id, str) else None
    return seat_key(parts.event_id, parts.source, parts.section, parts.row, parts.seat, listing_id)


def _event_key_of(value: bytes) -> bytes:
    try:
        return _decode_event_part(value).event_id.encode()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"it names no event ({error}); repair it with --set") from error


class Replay:
    """Sends dead letters back: each in one transaction with the marker that remembers it.

    While it is open it is the only one: a second replay takes over and the first one's next write
    fails, so that no letter goes back twice, whoever is killed when. Read the letters after it was
    opened.
    """

    def __init__(self, brokers: Brokers, dead_topic: str) -> None:
        self._brokers = brokers
        self._dead_topic = dead_topic
        self._producer = AIOKafkaProducer(
            **brokers.client_options,
            transactional_id=f"{_TRANSACTIONAL_ID}-{dead_topic}",
            max_request_size=MAX_DEAD_BYTES,
        )

    async def __aenter__(self) -> "Replay":
        try:
            await start_client(self._producer, self._brokers)
        except BaseException:
            await self._producer.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()

    async def send(self, letters: Sequence[Sent]) -> None:
        """Send them all, some hundreds a transaction; on an error the rest stays as it was."""
        for start in range(0, len(letters), _RECORDS_A_TRANSACTION):
            async with self._producer.transaction():
                await self._send_some(letters[start : start + _RECORDS_A_TRANSACTION])

    async def _send_some(self, letters: Sequence[Sent]) -> None:
        written: list[asyncio.Future[RecordMetadata]] = []
        try:
            for letter in letters:
                written += [await self._put_back(letter), await self._remember(letter)]
        finally:
            # Whoever fences us out fails them all: each has to be heard, or asyncio complains.
            outcomes = await asyncio.gather(*written, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _put_back(self, letter: Sent) -> asyncio.Future[RecordMetadata]:
        written: asyncio.Future[RecordMetadata] = await self._producer.send(
            letter.topic, key=letter.key, value=letter.value, headers=letter.headers
        )
        return written

    async def _remember(self, letter: Sent) -> asyncio.Future[RecordMetadata]:
        record = letter.shelved.record
        marker = replay_marker(record.key, letter.shelved.letter.origin)
        written: asyncio.Future[RecordMetadata] = await self._producer.send(
            self._dead_topic,
            key=marker.key,
            value=marker.value,
            headers=list(marker.headers),
            partition=record.partition,
        )
        return written
