"""docs/api.md: addresses that there are, answers that are JSON, the limits of the code."""

import ast
import inspect
import json
import re
from pathlib import Path

import pytest

from tests.web.the_document import the_document
from web import admission, answering, bodies
from web.openapi.declaration import described
from web.openapi.responses import PROBLEMS

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
CONSOLE = "\n".join(re.findall(r"```console\n(.+?)```", TEXT, re.DOTALL))
ASKED = sorted(set(re.findall(r"\$SITE(/api/v1/[\w./-]+)", CONSOLE)))
SAID = re.findall(r"^(\{.+)$", CONSOLE, re.MULTILINE)


@pytest.mark.parametrize("address", ASKED)
def test_what_is_asked_for_is_there(address: str) -> None:
    """As the document has it."""
    patterns = [re.sub(r"\{\w+\}", "[^/]+", path) for path in the_document()["paths"]]

    assert any(re.fullmatch(pattern, address) for pattern in patterns)


@pytest.mark.parametrize("answer", SAID, ids=lambda answer: answer[:30])
def test_what_is_answered_is_an_answer(answer: str) -> None:
    """JSON; an error has all of its fields."""
    said = json.loads(answer)

    assert said.keys() >= (
        {"watches", "next"} if "watches" in said else {"status", "title", "detail", "errors"}
    )


def test_the_limits_are_those_of_the_code() -> None:
    """Numbers drift."""
    for limit in (
        f"works on {admission.PLACES} requests at once",
        f"Up to {admission.WAITING} others wait in order, for {admission.PATIENCE_S:.0f} s each",
        f"took over {answering.BODY_WITHIN_S:.0f} s, or takes over {bodies.MAX_BODY_MIB} MiB",
    ):
        assert limit in TEXT


def test_every_status_has_its_row() -> None:
    """But that of what no page answers yet."""
    rows = " ".join(re.findall(r"^\| ([\d, ]+) \|", TEXT, re.MULTILINE))

    assert {int(each) for each in re.findall(r"\d+", rows)} >= {
        status.value for status in PROBLEMS if status.name != "CONFLICT"
    }


def test_the_description_could_be_one() -> None:
    """With arguments that there are."""
    (example,) = re.findall(r"```python\n(.+?)```", TEXT, re.DOTALL)
    calls = [each for each in ast.walk(ast.parse(example)) if isinstance(each, ast.Call)]
    (call,) = (each for each in calls if ast.unparse(each.func) == "described")

    named = {each.arg for each in call.keywords}
    known = inspect.signature(described).parameters
    assert named <= known.keys()
    assert named >= {name for name, each in known.items() if each.default is each.empty}
