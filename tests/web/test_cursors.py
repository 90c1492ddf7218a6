"""Cursors bring back the position that they were made of, and nothing else is one."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from web.cursors import cursor_of, position_of
from web.problems import Problem

Position = tuple[datetime, Decimal | None, int]


@pytest.mark.parametrize("price", [Decimal("12.50"), None])
def test_a_cursor_holds_its_position(price: Decimal | None) -> None:
    position = (datetime(2026, 3, 1, 12, 30, 0, 250_000, UTC), price, 7)

    cursor = cursor_of(position)

    assert position_of(cursor, Position) == position
    assert cursor.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("text", ["", "x", "é", "!!!!", cursor_of([1]), cursor_of("7"), "AAAA\0"])
def test_anything_else_is_a_problem(text: str) -> None:
    with pytest.raises(Problem, match="not a cursor"):
        position_of(text, Position)
