"""A Kafka record as the pure rooms see it."""

from collections.abc import Sequence
from typing import Protocol


class Record(Protocol):
    """A record as the consumer hands it over (aiokafka's ConsumerRecord fits)."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int:
        """Kafka's own time of the record, in milliseconds since 1970."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


# Kafka's record format spends a length of up to five bytes on each name and each value.
_HEADER_FRAMING = 10


def framed_size(headers: Sequence[tuple[str, bytes]]) -> int:
    """At most how many bytes headers take in a record batch."""
    return sum(
        len(name.encode()) + len(content or b"") + _HEADER_FRAMING for name, content in headers
    )
