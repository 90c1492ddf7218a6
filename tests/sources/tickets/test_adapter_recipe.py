"""The adapter that the documentation shows is one."""

import re
from pathlib import Path
from typing import Any

import pytest

from conscope_app.sources.adapter import Adapter, Misread
from tests.sources.tickets.answers import NOON, answer, as_read

GUIDE = Path(__file__).parents[3] / "docs" / "adding-a-source.md"


@pytest.fixture
def shown() -> Adapter:
    """The class of the recipe, made from the text as it stands there."""
    section = GUIDE.read_text().partition("## An adapter for a vendor's interface")[2]
    block = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert block
    names: dict[str, Any] = {"__name__": "recipe"}
    exec(compile(block[1], GUIDE.name, "exec", dont_inherit=True), names)
    adapter: Adapter = names["BoxOffice"]()
    return adapter


def test_the_recipe_reads_what_there_is_and_names_what_is_not(shown: Adapter) -> None:
    body = {
        "events": [
            {"id": "a-1", "name": "A Concert", "cheapest": 20.5},
            {"id": "a-2", "name": "Another"},
            {"id": "a-3", "name": "None left", "cheapest": 0},
            {"id": "a-4", "cheapest": 5},
        ]
    }
    reading = shown.read(shown.catalogue(NOON, NOON), answer(body))
    priced, silent, none = (as_read(market) for market in reading.markets)

    assert (priced.event_id, str(priced.lowest), priced.currency) == (
        "box-office-a-1",
        "20.5",
        "EUR",
    )
    assert (repr(silent.lowest), none.lowest, none.currency) == ("UNSET", None, None)
    assert [refusal.event_id for refusal in reading.refused] == ["box-office-a-4"]


def test_the_recipe_refuses_an_answer_to_another_request(shown: Adapter) -> None:
    body = {"events": [{"id": "a-1", "name": "A Concert"}]}

    with pytest.raises(Misread):
        shown.read(shown.events(["box-office-a-2"]), answer(body))


def test_the_recipe_shows_no_key(shown: Adapter) -> None:
    signed = shown.signed(shown.events(["a-1"]), "a-key-of-nobody")

    assert ("key", "a-key-of-nobody") in signed.query
    assert "nobody" not in repr(signed)
