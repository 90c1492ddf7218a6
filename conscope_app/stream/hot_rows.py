"""The rows of a partition that were read or written last, held in memory."""

from collections.abc import Iterable
from typing import Protocol

from conscope_app.core.native import NATIVE

# What a row takes beside its bytes: two objects and a place in a dictionary.
_ROW_BYTES = 200


class HotRows(Protocol):
    """At most about so many bytes of rows; those that nobody asked for the longest go first.

    It holds whatever it is told: who fills it says what is true.
    """

    def get(self, key: bytes, /) -> bytes | None:
        """The value of a key, None where it is not held."""

    def put(self, key: bytes, value: bytes | None, /) -> None:
        """Hold a row as it is now; None says that there is no such row."""

    def put_all(self, rows: list[tuple[bytes, bytes | None]], /) -> None:
        """Hold rows as they are now."""

    def clear(self) -> None:
        """Hold nothing."""


class PythonHotRows:
    """`HotRows` in two generations, each a dict: where there is no native kernel.

    What is asked for moves to the young one, and when that holds half of the bytes, the old one is
    dropped as a whole.
    """

    def __init__(self, most_bytes: int) -> None:
        self._room = self._half = most_bytes // 2
        self._young: dict[bytes, bytes] = {}
        self._old: dict[bytes, bytes] = {}

    def get(self, key: bytes, /) -> bytes | None:
        value = self._young.get(key)
        if value is None:
            value = self._old.get(key)
            if value is not None:
                self.put(key, value)
        return value

    def put(self, key: bytes, value: bytes | None, /) -> None:
        if value is None:
            self._young.pop(key, None)
            self._old.pop(key, None)
            return
        before = self._young.get(key)
        taken = len(key) + _ROW_BYTES if before is None else -len(before)
        self._room -= taken + len(value)
        self._young[key] = value
        if self._room < 0:
            self._old, self._young, self._room = self._young, {}, self._half

    def put_all(self, rows: Iterable[tuple[bytes, bytes | None]], /) -> None:
        for key, value in rows:
            self.put(key, value)

    def clear(self) -> None:
        self._young, self._old, self._room = {}, {}, self._half


def hot_rows(most_bytes: int) -> HotRows:
    """Room for about `most_bytes` of rows."""
    made: HotRows = (PythonHotRows if NATIVE.kernel is None else NATIVE.kernel.HotRows)(most_bytes)
    return made
