"""What an answer's ETag stands for, so that "nothing has changed" can be understood later."""

from collections.abc import Mapping
from hashlib import blake2b

import msgspec

from conscope_app.sources.adapter import Request

_KEY_BYTES = 16
_LONGEST_TAG = 512


class Validator(msgspec.Struct, frozen=True):
    """An ETag, and what the answer with it said besides the prices: whom it spoke of, what next."""

    etag: str
    event_ids: tuple[str, ...] = ()
    further: Request | None = None
    is_cut: bool = False


def key_of(request: Request) -> str:
    """The request's name, short: never signed, as a key in it would be another name."""
    text = msgspec.json.encode(request._replace(event_ids=()))
    return blake2b(text, digest_size=_KEY_BYTES).hexdigest()


def etag_of(headers: Mapping[str, str]) -> str | None:
    """The ETag of an answer, as it came; None where there is none that can be sent back."""
    tag = headers.get("etag", "").strip()
    return tag if 0 < len(tag) <= _LONGEST_TAG and tag.isascii() and tag.isprintable() else None
