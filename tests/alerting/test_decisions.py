from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from conscope_app.alerting.decisions import Decision, Hold, Raise, Reason, decide, decide_again

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("drop_percent", "minimum", "expected"),
    [
        pytest.param("0.0001", "0", Raise(), id="any drop, where no minimum is set"),
        pytest.param("4.9999", "5", Hold(Reason.BELOW_MINIMUM_DROP), id="just below the minimum"),
        pytest.param("5.0000", "5", Raise(), id="exactly the minimum"),
        pytest.param("5.0001", "5", Raise(), id="just above the minimum"),
        pytest.param("100", "100", Raise(), id="free of charge"),
    ],
)
def test_a_drop_of_at_least_the_minimum_is_raised(
    drop_percent: str, minimum: str, expected: Decision
) -> None:
    """The minimum itself counts; below it there is a reason."""
    assert decide(Decimal(drop_percent), minimum=Decimal(minimum)) == expected


def test_the_words_of_a_decision_are_those_that_postgres_keeps() -> None:
    """Rows are read by these words for as long as the database lives."""
    assert Raise().text == "raised"
    assert Hold(Reason.BELOW_MINIMUM_DROP).text == "below_minimum_drop"
    assert Hold(Reason.REBUILT).text == "rebuilt"


@pytest.mark.parametrize(
    ("first", "tell_from", "expected"),
    [
        pytest.param(Raise(), None, Hold(Reason.REBUILT), id="nothing is to be told"),
        pytest.param(Raise(), NOON + A_SECOND, Hold(Reason.REBUILT), id="dropped before"),
        pytest.param(Raise(), NOON, Raise(), id="dropped just then"),
        pytest.param(
            Hold(Reason.BELOW_MINIMUM_DROP),
            NOON,
            Hold(Reason.BELOW_MINIMUM_DROP),
            id="held then, held now",
        ),
    ],
)
def test_what_comes_back_is_told_only_where_somebody_asks_for_it(
    first: Decision, tell_from: datetime | None, expected: Decision
) -> None:
    """Nobody knows any more whether it was told."""
    assert decide_again(first, dropped_at=NOON, tell_from=tell_from) == expected
