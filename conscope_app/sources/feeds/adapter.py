"""The adapter that a feed's file describes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conscope_app.core.printable import printable
from conscope_app.core.refusal import Refused
from conscope_app.sources.adapter import (
    Allowance,
    Answer,
    Limits,
    Misread,
    Reading,
    Refusal,
    Request,
    Secret,
)
from conscope_app.sources.feeds.address import Place
from conscope_app.sources.feeds.entry import Key, LinkPaging
from conscope_app.sources.feeds.items import ItemReader, Items
from conscope_app.sources.feeds.paging import Paged, first_page, next_page
from conscope_app.sources.feeds.path import Found, Missing, Path, whole
from conscope_app.sources.feeds.values import text_of
from conscope_app.sources.files.cells import JsonNumber

MOST_OF_A_BODY = 16 * 1024 * 1024
_MOST_DIGITS = 12

# Numbers stay as they are spelled until somebody knows that they are amounts.
_decoder = json.JSONDecoder(parse_float=JsonNumber, parse_int=JsonNumber, parse_constant=JsonNumber)


@dataclass(slots=True, kw_only=True)
class FeedAdapter:
    """An `Adapter` for any JSON interface.

    It is asked whole, each `every_s`: it knows no request for single events, nor for those of some
    days. `private` allows its host to be on our own network. The work of `read` is proportional to
    the size of the body, of which 16 MiB are taken at most.
    """

    name: str
    base_url: str
    limits: Limits
    most_events_per_request: int = 0
    every_s: float
    private: bool
    key: Key | None
    place: Place
    query: tuple[tuple[str, str], ...]
    paging: Paged | None
    reader: ItemReader
    may_lack_items: bool
    total: Path | None

    @property
    def query_names(self) -> frozenset[str]:
        """The parameters that its requests have without the key."""
        own = {name for name, _ in (*self.place.query, *self.query)}
        paged = None if isinstance(self.paging, LinkPaging) else self.paging
        return frozenset(own if paged is None else {*own, paged.parameter})

    def catalogue(self, begin: datetime, end: datetime) -> Request:
        """Asks for the first page of all; a feed is not divided by time."""
        request = Request(self.place.path, (*self.place.query, *self.query))
        return first_page(request, self.paging)

    def events(self, event_ids: Sequence[str]) -> Request:
        """Raises ValueError: `most_events_per_request` is 0."""
        raise ValueError(f"the feed {self.name} cannot be asked for single events")

    def signed(self, request: Request, key: str) -> Request:
        """The same request with the key where the file says that it belongs."""
        where = self.key
        if where is None:
            return request
        if where.query is not None:
            query = (*without(request.query, where.query), (where.query, Secret(key)))
            return request._replace(query=query)
        name = (where.header or "authorization").lower()
        value = Secret(key if where.header else f"Bearer {key}")
        return request._replace(headers=(*without(request.headers, name), (name, value)))

    def read(self, request: Request, answer: Answer) -> Reading:
        """Every item as a price event, or refused by itself; and the next page."""
        root = whole(_decoded(answer.body))
        try:
            items = self.reader.read(root, answer.received_at)
        except Missing as missing:
            if not self.may_lack_items:
                raise Misread(printable(str(missing))) from None
            items = Items(0, (), ())
        further, refused = None, items.refused
        if self.paging is not None:
            further = next_page(self.place, self.paging, request, root, items.item_count)
            if further is not None and further.page > self.paging.most_pages:
                why = f"page {further.page}: most_pages ends before it"
                refused += (Refusal(None, None, why),)
                further = None
        return Reading(
            items.prices,
            further=self._without_key(further),
            total=_count(self.total, root),
            refused=refused,
        )

    def allowance(self, answer: Answer) -> Allowance | None:
        """None: how often a feed may be asked stands in its file."""
        return None

    def _without_key(self, request: Request | None) -> Request | None:
        """A link to the next page may repeat the key that it was asked with."""
        if request is None or self.key is None or self.key.query is None:
            return request
        return request._replace(query=without(request.query, self.key.query))


def without(pairs: tuple[tuple[str, str], ...], name: str) -> tuple[tuple[str, str], ...]:
    """The parameters or headers but the one of that name."""
    return tuple(pair for pair in pairs if pair[0] != name)


def _decoded(body: bytes) -> object:
    if len(body) > MOST_OF_A_BODY:
        raise Misread(f"the answer has {len(body):,} bytes")
    try:
        return _decoder.decode(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Misread("the answer is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise Misread(f"the answer is no JSON: {error}") from None


def _count(path: Path | None, root: Found) -> int | None:
    """How many there are in all, where the answer says so."""
    if path is None:
        return None
    try:
        text = text_of(path.read(root))
    except Refused as bad:
        raise Misread(f"{path}: {bad.message}") from None
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise Misread(f"{path} is no whole number")
    return int(text)
