"""Books that are held in memory, and read from the rows of their partition where they are not."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from conscope_app.alerting.watches.book import Book
from conscope_app.alerting.watches.rows import encode_key, subject_prefix

# Items and pasts that are held, in each partition. One takes about two kilobytes.
MOST_HELD = 64_000


class BooksUnreadable(Exception):
    """The rows cannot be read: the worker must end, and no record may be refused for it."""


class Rows(Protocol):
    """The rows of one partition, as they were committed last."""

    def prefixed(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The rows whose keys begin so, in order."""


class HeldBooks:
    """Gives the books of a partition; which are let go is decided in `settle` alone.

    `changes` are what is not among the rows yet.
    """

    def __init__(self, rows: Rows, *, most: int = MOST_HELD) -> None:
        self._rows = rows
        self._most = most
        self._changes: Mapping[bytes, bytes | None] = {}
        self._books: dict[str, Book] = {}  # the one that was asked for the longest ago comes first
        self._weights: dict[str, int] = {}
        self._weight = 0
        self._dropped: set[str] = set()  # those whose changes are not among the rows yet

    def settle(self, changes: Mapping[bytes, bytes | None]) -> None:
        """All changes are among the rows, and from here on come into these."""
        self._changes = changes
        self._dropped.clear()
        while self._weight > self._most and len(self._books) > 1:
            self._let_go(next(iter(self._books)))

    def get(self, subject: str) -> Book:
        """The book of a subject, perhaps an empty one."""
        book = self._books.pop(subject, None)
        if book is None:
            try:
                book = Book.from_rows(subject, self._kept(subject))
            except Exception as error:
                raise BooksUnreadable(f"the book of {subject!r}: {error!r}") from error
        self._books[subject] = book
        return book

    def weigh(self, book: Book) -> None:
        """Note how large a book is now."""
        weight = 1 + len(book.items) + len(book.pasts)
        self._weight += weight - self._weights.get(book.subject, 0)
        self._weights[book.subject] = weight

    def drop(self, subject: str) -> None:
        """Let go of a book that an error left changed in part: it is read again."""
        self._let_go(subject)
        self._dropped.add(subject)

    def has_lives(self, subject: str, watch_id: str) -> bool:
        """Whether a watch has anything at stake there; reads no more than it has to."""
        if subject in self._books or subject in self._dropped:
            return watch_id in self.get(subject).lives
        prefix = encode_key(subject, ("l", watch_id))[:-1] + b","
        return next(self.rows(prefix), None) is not None

    def rows(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The rows whose keys begin so."""
        try:
            yield from self._rows.prefixed(prefix)
        except Exception as error:
            raise BooksUnreadable(f"the rows from {prefix!r} on: {error!r}") from error

    def keys(self, subject: str) -> set[bytes]:
        """The keys of all rows of a subject, those that are not kept yet among them."""
        prefix = subject_prefix(subject)
        changed = (key for key in self._changes if key.startswith(prefix))
        return {*(key for key, _ in self.rows(prefix)), *changed}

    def _kept(self, subject: str) -> Iterable[tuple[bytes, bytes]]:
        prefix = subject_prefix(subject)
        rows: dict[bytes, bytes | None] = dict(self.rows(prefix))
        if subject in self._dropped:
            rows |= {key: row for key, row in self._changes.items() if key.startswith(prefix)}
        return [(key, row) for key, row in rows.items() if row is not None]

    def _let_go(self, subject: str) -> None:
        del self._books[subject]
        self._weight -= self._weights.pop(subject, 0)
