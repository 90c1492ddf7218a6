"""Where a list goes on: opaque to who asks, and the same list position whatever was added."""

import base64
import binascii
from http import HTTPStatus
from typing import TypeVar

import msgspec

from web.problems import Problem

T = TypeVar("T")


def cursor_of(position: object) -> str:
    """The position (a tuple of what the list is in the order of) as a text for an address."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).rstrip(b"=").decode()


def position_of(cursor: str, shape: type[T]) -> T:
    """The position that `cursor_of` wrote, of the given shape; anything else is a `Problem`."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return msgspec.json.decode(base64.b64decode(padded, b"-_", validate=True), type=shape)
    except (UnicodeError, binascii.Error, msgspec.DecodeError):
        detail = "`after` is not a cursor of this list."
        raise Problem(HTTPStatus.BAD_REQUEST, detail, [("after", detail)]) from None
