"""What stands in the YAML file of a feed, field by field; docs/feeds.schema.json is made of it."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

MAX_TEXT = 500

Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]
PathText = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]
Scalar = Annotated[str, Meta(max_length=MAX_TEXT)] | int | bool
Parameter = Annotated[str, Meta(pattern=r"^[^\x00-\x20&=#?\x7f]{1,100}$")]
Duration = Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)?[smhd]?$", max_length=20)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A set of fields; another one in it is an error."""


class TextValue(_Part, frozen=True, kw_only=True):
    """One of: a path, a constant, or a template with paths in braces.

    `default` stands where nothing is there.
    """

    path: PathText | None = None
    constant: Scalar | None = None
    template: Text | None = None
    default: Scalar | None = None


class AmountValue(_Part, frozen=True, kw_only=True):
    """A path or a constant. The amount is a number, or a text with one: `1,234.50`, `$12`.

    With `minor_digits` it counts the currency's smallest unit: 2 makes 1234 to 12.34. `decimal` is
    the decimal sign of texts.
    """

    path: PathText | None = None
    constant: Scalar | None = None
    minor_digits: Annotated[int, Meta(ge=0, le=18)] = 0
    decimal: Literal[".", ","] = "."


class MomentValue(_Part, frozen=True, kw_only=True):
    """A path to when the price was seen, and how it is written.

    `rfc3339` without an offset is UTC; the others count from 1970.
    """

    path: PathText
    written: Literal["rfc3339", "seconds", "milliseconds"] = msgspec.field(
        default="rfc3339", name="as"
    )


Texts = PathText | TextValue
Amounts = PathText | AmountValue


class Fields(_Part, frozen=True, kw_only=True):
    """Where each field of a price event comes from: a path, or what is said of it.

    Without `timestamp` it is when the answer came, without `source` the feed's name, without
    `event_name` the id, without `currency` the one beside the price, or USD.
    """

    event_id: Texts
    price: Amounts
    event_name: Texts | None = None
    venue: Texts | None = None
    event_date: Texts | None = None
    source: Texts | None = None
    section: Texts | None = None
    row: Texts | None = None
    seat: Texts | None = None
    fees: Amounts | None = None
    total_price: Amounts | None = None
    timestamp: PathText | MomentValue | None = None
    listing_id: Texts | None = None
    listing_url: Texts | None = None
    quantity: Texts | None = None
    delivery_method: Texts | None = None
    seller_notes: Texts | None = None
    currency: Texts | None = None


class Key(_Part, frozen=True, kw_only=True):
    """Where the key is, never the key itself: a `variable` of the environment, or a `file`.

    It is sent as the `query` parameter of that name, as the `header` of that name, or as a
    `bearer` token.
    """

    variable: Annotated[str, Meta(pattern="^[A-Z][A-Z0-9_]{0,99}$")] | None = None
    file: Text | None = None
    query: Parameter | None = None
    header: Annotated[str, Meta(pattern="^[A-Za-z0-9-]{1,100}$")] | None = None
    bearer: bool = False


class Paging(_Part, frozen=True, kw_only=True, tag_field="by"):
    """How the next page is asked for, `most_pages` in all."""

    most_pages: Annotated[int, Meta(ge=1, le=10_000)] = 20


class LinkPaging(Paging, frozen=True, kw_only=True, tag="link"):
    """The answer holds the address of the next page; there is none on the last."""

    path: PathText


class CursorPaging(Paging, frozen=True, kw_only=True, tag="cursor"):
    """The answer holds what `parameter` is in the next request; nothing on the last page."""

    path: PathText
    parameter: Parameter


class NumberPaging(Paging, frozen=True, kw_only=True, tag="number"):
    """`parameter` counts from `first` by `step`: pages (1), or items, of which a page has so many.

    The last page has fewer than `size` items, or none.
    """

    parameter: Parameter
    first: Annotated[int, Meta(ge=0, le=1_000_000)] = 1
    step: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    size: Annotated[int, Meta(ge=1, le=1_000_000)] = 1


class FeedLimits(_Part, frozen=True, kw_only=True):
    """How often it may be asked, with all pages counted."""

    per_second: Annotated[float, Meta(gt=0, le=1_000)] = 1.0
    per_day: Annotated[int, Meta(ge=1)] | None = None


class FeedEntry(_Part, frozen=True, kw_only=True):
    """One feed: what to ask, how often, and what its answer means."""

    name: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9._-]{0,63}$")]
    url: Annotated[str, Meta(pattern="^https?://", max_length=2_000)]
    query: dict[Parameter, Scalar] = msgspec.field(default_factory=dict)
    every: Duration = "1m"
    key: Key | None = None
    limits: FeedLimits = FeedLimits()
    paging: LinkPaging | CursorPaging | NumberPaging | None = None
    items: PathText = "$[*]"
    may_lack_items: bool = False
    only: dict[PathText, Scalar | list[Scalar]] = msgspec.field(default_factory=dict)
    total: PathText | None = None
    fields: Fields
    private: bool = False


def schema_text() -> str:
    """The JSON Schema of the file, as it stands in docs/feeds.schema.json."""
    whole: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A feed of ConScope",
        **msgspec.json.schema(FeedEntry),
    }
    for definition in whole["$defs"].values():
        definition["description"] = " ".join(definition["description"].split())
    return msgspec.json.format(msgspec.json.encode(whole, order="sorted")).decode()
