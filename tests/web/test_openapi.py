"""The OpenAPI document: all that is served, valid, with examples that are true to it."""

import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from conscope_app import app
from conscope_app.alerting.watches.watch import Target as TargetOfWatch
from conscope_app.store.stats import Target as TargetOfStats
from tests.web.the_document import (
    amiss,
    operations,
    routes_of_the_api,
    schema_of,
    the_document,
)
from web.guard import SERVED
from web.openapi.document import ROOT, document, without_patterns
from web.openapi.operation import EXAMPLES, example
from web.openapi.schemas import drawn_answers, drawn_bodies


def test_everything_that_is_served_is_described_and_nothing_else() -> None:
    """By method and address, as the router has them."""
    served = {
        f"{method} {without_patterns(path)}"
        for method, path, _ in routes_of_the_api()
        if method != "HEAD"
    }

    assert {f"{each.method.upper()} {each.path}" for each in operations()} == served
    assert {path for path in SERVED if path.startswith(ROOT)} == {
        path for _, path, _ in routes_of_the_api()
    }


def test_the_document_is_a_valid_one() -> None:
    """OpenAPI 3.1, each reference leads somewhere, each default fits."""
    assert [str(error) for error in OpenAPIV31SpecValidator(the_document()).iter_errors()] == []


def test_the_document_can_be_sent() -> None:
    """It is plain JSON."""
    assert msgspec.json.decode(msgspec.json.encode(the_document())) == the_document()


def test_every_part_of_an_address_has_its_sentence() -> None:
    """And every sentence its part."""
    for each in operations():
        named = [given["name"] for given in each.drawn["parameters"] if given["in"] == "path"]
        assert named == re.findall(r"\{(\w+)\}", each.path), each.path


def test_every_operation_says_what_it_is() -> None:
    """In a sentence, under an id of its own; every parameter too."""
    ids = [each.drawn["operationId"] for each in operations()]

    assert len(set(ids)) == len(ids)
    for each in operations():
        assert each.drawn["summary"].endswith("."), each.path
        for given in each.drawn["parameters"]:
            assert given["description"].endswith("."), (each.path, given["name"])


def test_every_operation_can_be_refused() -> None:
    """With what the door says to everybody; and what takes a body, for its body."""
    for each in operations():
        problems = {"400", "401", "403", "421", "500", "503"}
        problems |= {"408", "413", "422"} if "requestBody" in each.drawn else set()
        assert problems <= each.drawn["responses"].keys(), each.path


@pytest.mark.parametrize("file", sorted(EXAMPLES.iterdir()), ids=lambda file: file.stem)
def test_examples_are_true(file: Path) -> None:
    """Each belongs to an operation, and is as its schema says."""
    name, _, part = file.name.removesuffix(".json").partition(".")
    (of,) = (each for each in operations() if each.drawn["operationId"] == name)
    if part == "body":
        schema = of.drawn["requestBody"]["content"]["application/json"]["schema"]
    else:
        schema = schema_of(of, min(int(status) for status in of.drawn["responses"]))

    assert amiss(example(file.stem), schema) == []


def test_what_is_sent_has_its_example() -> None:
    """Who reads the document sees one."""
    missing = [
        each.drawn["operationId"]
        for each in operations()
        if "requestBody" in each.drawn and example(f"{each.drawn['operationId']}.body") is None
    ]

    assert missing == []


def test_a_token_is_said_to_be_asked_for() -> None:
    """Where one is set; else it may be left out."""
    locked = document(app.web.views, asks_for_token=True)

    assert locked["security"] == [{"bearer": []}, {"basic": []}]
    assert the_document()["security"] == [{}, *locked["security"]]
    assert not any("security" in each.drawn for each in operations())


class Thing(msgspec.Struct):
    """Has a moment, an amount, and what may be left out."""

    at: datetime | None
    amount: Decimal
    name: str = "x"


def test_schemas_say_what_is_written_and_what_is_read() -> None:
    """A moment is a `date-time`; amounts go out as numbers, and come in as numbers or texts."""
    answer = drawn_answers([list[Thing]]).components["Thing"]
    body = drawn_bodies([list[Thing]], {"Thing": ("at",)}).components["ThingInput"]

    assert answer["properties"]["at"]["anyOf"][0] == {"type": "string", "format": "date-time"}
    assert answer["properties"]["amount"] == {"type": "number"}
    assert answer["required"] == ["at", "amount", "name"]
    assert body["properties"]["amount"] == {"type": ["number", "string"]}
    assert body["required"] == ["amount"]


def test_structs_of_one_name_are_told_apart() -> None:
    """By their modules, shortly."""
    drawn = drawn_answers([list[TargetOfWatch], list[TargetOfStats]])

    assert drawn.components.keys() == {"WatchTarget", "StatsTarget"}
    assert drawn.schemas[0]["items"] == {"$ref": "#/components/schemas/WatchTarget"}
