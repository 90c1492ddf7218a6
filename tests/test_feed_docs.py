"""docs/feeds.md and docs/feeds.schema.json: every field, and examples that are taken."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from ruamel.yaml import YAML

from conscope_app.sources.feeds.entry import FeedEntry, schema_text
from conscope_app.sources.feeds.file import feed_from
from conscope_app.sources.feeds.problems import BadFeed
from tests.sources.feeds.documented import FILES, TEXT

DOCS = Path(__file__).parents[1] / "docs"
SCHEMA = json.loads((DOCS / "feeds.schema.json").read_text())


def structs(kind: Any) -> Iterator[type[msgspec.Struct]]:
    """Every struct that a type speaks of."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for inner in getattr(kind, "__args__", ()):
        yield from structs(inner)


def fields_of(kind: type[msgspec.Struct]) -> set[str]:
    """Every field of the file, by its own name."""
    names = {field.encode_name for field in msgspec.structs.fields(kind)}
    for field in msgspec.structs.fields(kind):
        for inner in structs(field.type):
            names |= fields_of(inner)
    return names


def test_every_field_has_its_row() -> None:
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", TEXT, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}

    assert fields_of(FeedEntry) <= named
    assert "by" in named


def test_the_examples_use_every_field() -> None:
    """But for what belongs to a kind of paging that they do not have."""
    used = set(re.findall(r"(\w+):", " ".join(FILES.values())))

    assert fields_of(FeedEntry) - used == {"private", "first", "step"}


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_example_is_taken(name: str) -> None:
    """By the program, and by the schema."""
    assert feed_from(FILES[name], name).name == name
    jsonschema.validate(YAML(typ="safe", pure=True).load(FILES[name]), SCHEMA)


def test_what_is_said_of_a_file_is_so() -> None:
    """The errors that are shown."""
    text = FILES["coins"].replace("https:", "http:").replace("price: usd", "price: usd..last")
    text = text.replace("limits: {per_second: 0.5, per_day: 1400}\n", "")
    text = text.replace('query: {ids: "bitcoin,ethereum", vs_currencies: usd}\n', "")
    with pytest.raises(BadFeed) as raised:
        feed_from(text, "coins.yaml")
    shown = re.findall(r"^coins\.yaml, line \d+: (.+)$", TEXT, re.MULTILINE)

    assert [f"{each.field}: {each.text}" for each in raised.value.problems] == shown


def test_the_schema_is_the_one_of_the_program() -> None:
    """`feeds schema` prints it."""
    assert (DOCS / "feeds.schema.json").read_text() == f"{schema_text()}\n"


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "part",
    [
        pytest.param({"name": "A B"}, id="name"),
        pytest.param({"url": "ftp://example.com"}, id="url"),
        pytest.param({"evry": "1m"}, id="no such field"),
        pytest.param({"paging": {"by": "magic"}}, id="no such paging"),
        pytest.param({"limits": {"per_second": 0}}, id="never"),
        pytest.param({"fields": {"event_id": "a"}}, id="no price"),
        pytest.param({"fields": {"event_id": "a", "price": 3}}, id="no path"),
    ],
)
def test_what_the_program_refuses_does_not_fit_the_schema(part: dict[str, Any]) -> None:
    whole = {"name": "a", "url": "https://a.example", "fields": {"event_id": "a", "price": "p"}}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**whole, **part}, SCHEMA)
