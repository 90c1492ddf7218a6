"""From what a feed's file says to the adapter that does it, or to all that keeps it from that."""

from collections.abc import Callable
from typing import TypeVar

from conscope_app.sources.adapter import Limits
from conscope_app.sources.feeds.adapter import FeedAdapter
from conscope_app.sources.feeds.address import read_place, refuse_secret
from conscope_app.sources.feeds.entry import (
    AmountValue,
    CursorPaging,
    FeedEntry,
    Key,
    LinkPaging,
    MomentValue,
    TextValue,
)
from conscope_app.sources.feeds.items import Condition, ItemReader
from conscope_app.sources.feeds.path import BadPath, Path, parse_items, parse_path
from conscope_app.sources.feeds.problems import BadField
from conscope_app.sources.feeds.values import (
    ReadText,
    amount_reader,
    moment_parser,
    moment_path,
    scalar_text,
    text_reader,
)
from conscope_app.sources.files.amounts import DecimalSign
from conscope_app.sources.files.mapping import FieldMapping
from conscope_app.sources.files.translation import AMOUNTS, Translator
from conscope_app.sources.pacing import parse_duration

T = TypeVar("T")


def compiled(entry: FeedEntry) -> FeedAdapter | list[BadField]:
    """The adapter; or every field that cannot be used."""
    problems: list[BadField] = []

    def tried(build: Callable[[], T]) -> T | None:
        try:
            return build()
        except BadField as bad:
            problems.append(bad)
            return None

    place = tried(lambda: read_place(entry.url, private=entry.private))
    query = tried(lambda: _query(entry))
    every_s = tried(lambda: _every_s(entry))
    tried(lambda: _check_key(entry.key))
    tried(lambda: _check_paging(entry))
    total = tried(lambda: _one(entry.total, "total") if entry.total else None)
    items = tried(lambda: _items(entry.items))
    only = tried(lambda: _only(entry))
    readers, signs = _readers(entry, problems)
    if problems:
        return problems
    assert place is not None and query is not None and every_s is not None
    assert items is not None and only is not None
    return FeedAdapter(
        name=entry.name,
        base_url=place.origin,
        limits=Limits(entry.limits.per_second, entry.limits.per_day),
        every_s=every_s,
        private=entry.private,
        key=entry.key,
        place=place,
        query=query,
        paging=entry.paging,
        reader=ItemReader(
            items=items, only=only, fields=readers, translator=_translator(entry, readers, signs)
        ),
        may_lack_items=entry.may_lack_items,
        total=total,
    )


def _translator(
    entry: FeedEntry, readers: dict[str, ReadText], signs: dict[str, DecimalSign]
) -> Translator:
    timestamp = entry.fields.timestamp
    written = timestamp.written if isinstance(timestamp, MomentValue) else "rfc3339"
    columns = {field: (field,) for field in (*readers, "timestamp")}
    return Translator(
        mapping=FieldMapping(columns, {}),
        decimal_signs=signs,
        parse_moment=moment_parser(written),
        source=entry.name,
        currency_hint="",
    )


def _readers(
    entry: FeedEntry, problems: list[BadField]
) -> tuple[dict[str, ReadText], dict[str, DecimalSign]]:
    readers: dict[str, ReadText] = {}
    signs: dict[str, DecimalSign] = {}
    for name in entry.fields.__struct_fields__:
        value: str | TextValue | AmountValue | MomentValue | None = getattr(entry.fields, name)
        if value is None:
            continue
        try:
            if name == "timestamp":
                assert isinstance(value, str | MomentValue)
                readers[name] = moment_path(value)
            elif name in AMOUNTS:
                assert isinstance(value, str | AmountValue)
                readers[name], signs[name] = amount_reader(f"fields.{name}", value)
            else:
                assert isinstance(value, str | TextValue)
                readers[name] = text_reader(f"fields.{name}", value)
        except BadField as bad:
            problems.append(bad)
    return readers, signs


def _query(entry: FeedEntry) -> tuple[tuple[str, str], ...]:
    query = tuple((name, scalar_text(value)) for name, value in entry.query.items())
    for name, value in query:
        refuse_secret(f"query.{name}", name, value)
    return query


def _every_s(entry: FeedEntry) -> float:
    seconds = parse_duration(entry.every)
    if seconds < 1:
        raise BadField("every", "at least one second")
    return seconds


def _check_key(key: Key | None) -> None:
    if key is None:
        return
    if (key.variable is None) is (key.file is None):
        raise BadField("key", "it is found in one of variable and file")
    if (key.query is not None) + (key.header is not None) + key.bearer != 1:
        raise BadField("key", "it is sent as one of query, header and bearer")


def _check_paging(entry: FeedEntry) -> None:
    if isinstance(entry.paging, LinkPaging | CursorPaging):
        _one(entry.paging.path, "paging.path")


def _one(text: str, field: str) -> Path:
    try:
        return parse_path(text)
    except BadPath as bad:
        raise BadField(field, str(bad)) from None


def _items(text: str) -> Path:
    try:
        return parse_items(text)
    except BadPath as bad:
        raise BadField("items", str(bad)) from None


def _only(entry: FeedEntry) -> tuple[Condition, ...]:
    return tuple(
        Condition(
            _one(text, "only"),
            frozenset(map(scalar_text, wanted if isinstance(wanted, list) else [wanted])),
        )
        for text, wanted in entry.only.items()
    )
