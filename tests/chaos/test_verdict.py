"""The judge itself: it must say so when something is missing, doubled, strange or out of order."""

import pytest

from tests.chaos.verdict import Due, Row, Telling, judge_audit, judge_tellings, weigh_tellings


def due(*offsets: int) -> list[Due]:
    return [Due(f"raw_prices-0-{offset}", 0, offset, "event") for offset in offsets]


def told(message: str, at: float, *offsets: int) -> list[Telling]:
    return [Telling(f"raw_prices-0-{offset}", message, at) for offset in offsets]


def a_row() -> Row:
    return Row("kill", "SIGKILL", "nothing changes", seed=1, times=1)


def test_what_was_told_once_and_in_order_is_fine() -> None:
    tellings = weigh_tellings(due(1, 2, 3), [*told("a", 1, 1, 2), *told("b", 2, 3)], cuts=[])

    row = a_row()
    judge_tellings(row, 3, tellings, may_repeat=0)

    assert row.held
    assert (row.alerts, row.alerts_missing, row.alerts_doubled) == (3, 0, 0)


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        pytest.param(told("a", 1, 1), "1 alerts were never told", id="missing"),
        pytest.param(told("a", 1, 1, 2, 9), "1 told alerts are nobody's", id="stranger"),
        pytest.param(told("a", 1, 2, 1), "1 alerts were told before an older one", id="order"),
        pytest.param(
            [*told("a", 1, 1, 2), *told("b", 2, 2)], "told twice without a fault", id="doubled"
        ),
    ],
)
def test_what_is_wrong_is_said(heard: list[Telling], said: str) -> None:
    row = a_row()

    judge_tellings(row, 2, weigh_tellings(due(1, 2), heard, cuts=[]), may_repeat=0)

    assert any(said in broken for broken in row.broken)


def test_a_kill_explains_that_the_last_message_before_it_is_told_again() -> None:
    heard = [*told("a", 1, 1), *told("b", 2, 2), *told("c", 5, 2)]

    tellings = weigh_tellings(due(1, 2), heard, cuts=[3.0])

    assert (tellings.doubled, tellings.repeats, tellings.unexplained) == (1, 1, 0)


def test_a_kill_explains_that_what_was_on_its_way_is_told_again() -> None:
    heard = [*told("a", 1, 1), *told("b", 4, 2), *told("c", 5, 2)]

    assert weigh_tellings(due(1, 2), heard, cuts=[3.0]).unexplained == 0


def test_a_kill_does_not_explain_an_older_message() -> None:
    heard = [*told("a", 1, 1), *told("b", 2, 2), *told("c", 5, 1)]

    assert weigh_tellings(due(1, 2), heard, cuts=[3.0, 4.0]).unexplained == 1


def test_partitions_have_no_order_between_them() -> None:
    others = [Due("raw_prices-1-1", 1, 1, "event"), *due(7)]
    heard = [Telling("raw_prices-0-7", "a", 1), Telling("raw_prices-1-1", "b", 2)]

    assert weigh_tellings(others, heard, cuts=[]).out_of_order == 0


def test_an_audit_with_a_finding_breaks_the_row() -> None:
    total = {"missing": 1, "doubled": 2, "wrong": 3, "unexpected": 4}
    finding = ("price_history", "missing", "raw_prices-0-1", "")
    row = a_row()

    found = {"totals": [total], "clean": False, "findings": [finding]}
    judge_audit(row, {"records": 9, "snapshots": 3, **found})

    assert (row.records, row.missing, row.doubled, row.wrong) == (12, 1, 2, 7)
    assert "price_history missing raw_prices-0-1" in row.broken[0]


def test_a_trial_that_nothing_came_into_has_shown_nothing() -> None:
    row = a_row()

    clean = {"totals": [], "clean": True, "findings": []}
    judge_audit(row, {"records": 0, "snapshots": 0, **clean}, with_snapshots=True)

    assert not row.held
    assert "no record came in" in row.broken[0]
    assert "no market snapshot came in" in row.broken[1]
