"""The parameters of a live page's address."""

from collections.abc import Mapping

import pytest

from web.page_spec import BadAddress, PageSpec
from web.panels import Panels


async def nothing(_: Mapping[str, str]) -> Panels:
    """No panels."""
    return {}


SPEC = PageSpec(panels=nothing, needs=("event_id",), takes=("currency",))


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"event_id": "a/b?c=%00 \u202e'\"<😀"}, id="what is needed"),
        pytest.param({"event_id": "1", "currency": "USD"}, id="and what may be added"),
        pytest.param({"event_id": "x" * 512}, id="as long as a name may be"),
    ],
)
def test_parameters_are_taken_as_they_come(given: dict[str, str]) -> None:
    """They are an event's own id, whatever that holds."""
    assert SPEC.parameters(given.items()) == given


@pytest.mark.parametrize(
    ("given", "why"),
    [
        pytest.param([], "This page needs event_id.", id="missing"),
        pytest.param([("event_id", "1"), ("x", "2")], "takes no such parameter", id="unknown"),
        pytest.param([("event_id", "1"), ("event_id", "2")], "event_id is given twice", id="twice"),
        pytest.param([("event_id", "x" * 513)], "no value that could be stored", id="too long"),
        pytest.param([("event_id", "a\0b")], "no value that could be stored", id="NUL"),
    ],
)
def test_anything_else_is_refused(given: list[tuple[str, str]], why: str) -> None:
    """Before a page is made of it."""
    with pytest.raises(BadAddress, match=why):
        SPEC.parameters(given)
